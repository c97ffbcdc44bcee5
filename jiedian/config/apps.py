from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "jiedian.config"
    label = "config"
