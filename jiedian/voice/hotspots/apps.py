from django.apps import AppConfig


class HotspotsConfig(AppConfig):
    name = "jiedian.voice.hotspots"
    label = "hotspots"
    default_auto_field = "django.db.models.BigAutoField"
