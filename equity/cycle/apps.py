from django.apps import AppConfig


class CycleConfig(AppConfig):
    name = "equity.cycle"
    label = "cycle"
    verbose_name = "Cycle"
