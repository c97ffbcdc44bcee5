from django.apps import AppConfig


class SchemeConfig(AppConfig):
    name = "jiedian.supply.scheme"
    label = "scheme"
    default_auto_field = "django.db.models.BigAutoField"
