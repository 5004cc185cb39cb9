from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Screens that join the apps: my page, the institution's home. No tables of its own."""

    name = "equity.desk"
    label = "desk"

    def ready(self) -> None:
        from equity.desk import tasks  # noqa: F401  # registers its work
        from equity.desk.notes import of_practices
        from metrics import annotations

        annotations.register(of_practices)
