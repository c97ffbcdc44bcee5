from django.apps import AppConfig


class AttenuationConfig(AppConfig):
    name = "jiedian.voice.attenuation"
    label = "attenuation"
    default_auto_field = "django.db.models.BigAutoField"
