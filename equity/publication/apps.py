from django.apps import AppConfig


class PublicationConfig(AppConfig):
    name = "equity.publication"
    label = "publication"
    verbose_name = "Publication"
