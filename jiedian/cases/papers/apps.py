from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "jiedian.cases.papers"
    label = "papers"
    default_auto_field = "django.db.models.BigAutoField"
