from django.apps import AppConfig


class CaseConfig(AppConfig):
    name = "jiedian.cases.case"
    label = "case"
    default_auto_field = "django.db.models.BigAutoField"
