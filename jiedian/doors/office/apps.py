from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "jiedian.doors.office"
    label = "office"
    default_auto_field = "django.db.models.BigAutoField"
