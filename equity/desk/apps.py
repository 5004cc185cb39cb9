from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Screens that join the apps: my page, the institution's home. No tables of its own."""

    name = "equity.desk"
    label = "desk"
