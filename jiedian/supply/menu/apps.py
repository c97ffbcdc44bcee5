from django.apps import AppConfig


class MenuConfig(AppConfig):
    name = "jiedian.supply.menu"
    label = "menu"
    default_auto_field = "django.db.models.BigAutoField"
