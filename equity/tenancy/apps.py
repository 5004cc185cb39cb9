from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "equity.tenancy"
    label = "tenancy"
    verbose_name = "Tenancy"

    def ready(self) -> None:
        from equity.tenancy import checks  # noqa: F401  (registers the system checks)
