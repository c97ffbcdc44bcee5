from django.apps import AppConfig


class CircuitConfig(AppConfig):
    name = "jiedian.grid.circuit"
    label = "circuit"
    default_auto_field = "django.db.models.BigAutoField"
