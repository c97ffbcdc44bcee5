from django.apps import AppConfig


class ThrottleConfig(AppConfig):
    name = "jiedian.ground.throttle"
    label = "throttle"
    default_auto_field = "django.db.models.BigAutoField"
