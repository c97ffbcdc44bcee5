from django.apps import AppConfig


class ProcessConfig(AppConfig):
    name = "jiedian.process"
    label = "process"
    default_auto_field = "django.db.models.BigAutoField"
