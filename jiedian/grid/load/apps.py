from django.apps import AppConfig


class LoadConfig(AppConfig):
    name = "jiedian.grid.load"
    label = "load"
    default_auto_field = "django.db.models.BigAutoField"
