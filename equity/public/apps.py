from django.apps import AppConfig


class PublicConfig(AppConfig):
    """What anybody may see: pages and the API over the ledger and the catalogue. No tables of its own."""

    name = "equity.public"
    label = "public"
