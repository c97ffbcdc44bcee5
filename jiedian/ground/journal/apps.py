from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "jiedian.ground.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"
