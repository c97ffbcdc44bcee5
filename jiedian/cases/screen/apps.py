from django.apps import AppConfig


class ScreenConfig(AppConfig):
    name = "jiedian.cases.screen"
    label = "screen"
    default_auto_field = "django.db.models.BigAutoField"
