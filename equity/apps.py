from django.apps import AppConfig


class EquityConfig(AppConfig):
    """The kernel itself: shared furniture, no tables."""

    name = "equity"
    label = "equity"
