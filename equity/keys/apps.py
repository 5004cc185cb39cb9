from django.apps import AppConfig


class KeysConfig(AppConfig):
    """An institution's own systems and the keys with which they act."""

    name = "equity.keys"
    label = "keys"
