from django.apps import AppConfig


class MandatesConfig(AppConfig):
    """Reports that a law asks for, filled from what is published and promised."""

    name = "equity.mandates"
    label = "mandates"
