from django.apps import AppConfig


class CimConfig(AppConfig):
    name = "jiedian.grid.cim"
    label = "cim"
    default_auto_field = "django.db.models.BigAutoField"
