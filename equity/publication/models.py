"""What has crossed the wall: releases, the append-only ledger, and who may pull it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from equity.tenancy.ids import uuid7
from equity.tenancy.models import TenantKey, TenantModel
from equity.tenancy.personas import Persona
from equity.tenancy.walls import (
    CLIENT,
    CREDENTIAL,
    IN_ORGANISATION,
    Policy,
    ReferredKey,
    SameTenant,
    guarded_table,
    tenant_table,
)

PUBLISHED = "seq IS NOT NULL"
STANDS = (
    "NOT EXISTS (SELECT 1 FROM publication_withdrawnentry AS gone"
    " WHERE gone.seq = publication_ledgerentry.seq AND gone.n = publication_ledgerentry.n)"
)
"""The row was not withdrawn. PostgreSQL reads the withdrawn places once a statement, or looks up those of a few rows."""
PUBLIC_ROW = "audience = 'public'"
AGREED_ROW = (
    "audience = 'agreement' AND organisation_id IN (SELECT organisation_id FROM publication_agreement"
    f" WHERE client_id = {CLIENT} AND suspended_at IS NULL AND current_date BETWEEN starts_on AND ends_on)"
)


class WhyWithdrawn(models.TextChoices):
    """All that a tombstone may say."""

    PRIVACY = "privacy", _("It could point to a person.")
    WRONG = "wrong", _("It was wrong, and there is no right one.")


TOMBSTONES: list[dict[str, str]] = [{}, *({"reason": reason} for reason in WhyWithdrawn.values)]


class Release(TenantModel):
    """One crossing of the wall. Its header, once published, names the institution to those outside.

    drafted → certified (nothing small is derivable) → published; or refused, with the reason.
    """

    class Kind(models.TextChoices):
        FIGURES = "figures", _("Figures")
        ROUND = "round", _("Review round")
        WITHDRAWAL = "withdrawal", _("Withdrawal")

    class State(models.TextChoices):
        DRAFTED = "drafted", _("Being checked")
        CERTIFIED = "certified", _("Ready to publish")
        REFUSED = "refused", _("Cannot be published")
        PUBLISHED = "published", _("Published")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFTED)
    drafted_at = models.DateTimeField(db_default=Now())
    report = models.JSONField(
        default=dict, help_text="What the check found, in figures that may be shown inside"
    )
    seq = models.BigIntegerField(
        null=True, unique=True, help_text="Place in the ledger; follows commit order"
    )
    published_at = models.DateTimeField(null=True)
    institution_slug = models.SlugField()
    institution_name = models.CharField(max_length=200)
    sample_note = models.TextField(blank=True)
    ccn = models.CharField(max_length=6, blank=True)
    state_code = models.CharField(max_length=2, blank=True)
    county_fips = models.CharField(max_length=5, blank=True)

    class Meta:
        ordering = ["-drafted_at"]
        indexes = [models.Index(fields=["institution_slug", "seq"], name="publication_release_slug")]
        constraints = [
            *tenant_table(
                "publication_release",
                member="SI",
                policies=[
                    Policy(Persona.WORKER, "SI", IN_ORGANISATION),
                    Policy(Persona.WORKER, "U", f"{IN_ORGANISATION} AND seq IS NULL", leaves=IN_ORGANISATION),
                    Policy(Persona.PUBLIC, "S", PUBLISHED),
                    Policy(Persona.CLIENT, "S", PUBLISHED),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(state="published", seq__isnull=False, published_at__isnull=False)
                | (~models.Q(state="published") & models.Q(seq=None, published_at=None)),
                name="publication_release_published_whole",
            ),
            ReferredKey(fields=["organisation", "id", "seq"], name="publication_release_published_key"),
        ]

    def __str__(self) -> str:
        return self.title


class LedgerEntry(models.Model):
    """One published row, keyed (seq, n). Nobody can change or remove it; a later entry with the same key follows it.

    A tombstone (op "delete") withdraws all earlier rows of its key for its audience: from then on PostgreSQL shows them to
    nobody outside and to no member. It has a key and a reason, and no content that could repeat what it withdraws.
    """

    class Kind(models.TextChoices):
        OBSERVATION = "observation"
        FINDING = "finding"
        STATEMENT = "statement"

    pk = models.CompositePrimaryKey("seq", "n")
    seq = models.BigIntegerField()
    n = models.IntegerField()
    organisation = models.ForeignKey(
        "tenancy.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    release = TenantKey(Release, related_name="entries")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    op = models.CharField(
        max_length=6, default="upsert", choices=[("upsert", "upsert"), ("delete", "delete")]
    )
    audience = models.CharField(max_length=10, default="public")
    key = models.CharField(
        max_length=300, help_text="What the row is about; the latest entry of a key is in force"
    )
    metric = models.CharField(max_length=60, blank=True)
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    document = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "kind", "key", "-seq"], name="publication_ledger_in_force"),
            models.Index(fields=["kind", "seq", "n"], name="publication_ledger_feed"),
            models.Index(
                fields=["organisation", "kind", "metric"],
                condition=models.Q(op="delete"),
                name="publication_ledger_withdrawn",
            ),
        ]
        constraints = [
            *tenant_table(
                "publication_ledgerentry",
                worker="SI",
                keyed=False,
                operator="S",
                policies=[
                    Policy(Persona.MEMBER, "S", f"{IN_ORGANISATION} AND {STANDS}"),
                    Policy(Persona.PUBLIC, "S", f"{PUBLIC_ROW} AND {STANDS}"),
                    Policy(Persona.CLIENT, "S", f"({PUBLIC_ROW} OR ({AGREED_ROW})) AND {STANDS}"),
                ],
            ),
            # The number is that of the release, which has one only when it is published: so no row comes before it.
            SameTenant(name="publication_ledgerentry_release_same_tenant", field="release", along=["seq"]),
            models.CheckConstraint(
                condition=models.Q(audience__in=["public", "agreement"]), name="publication_ledger_audience"
            ),
            models.CheckConstraint(
                condition=models.Q(op="upsert") | models.Q(op="delete", document__in=TOMBSTONES),
                name="publication_ledger_tombstone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq}.{self.n} {self.key}"


class WithdrawnEntry(models.Model):
    """The place of a row that was withdrawn, and of the tombstone that did it. A trigger of the ledger writes it."""

    pk = models.CompositePrimaryKey("seq", "n")
    seq = models.BigIntegerField()
    n = models.IntegerField()
    organisation = models.ForeignKey(
        "tenancy.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    tombstone_seq = models.BigIntegerField()
    tombstone_n = models.IntegerField()

    class Meta:
        verbose_name_plural = "withdrawn entries"
        constraints = tenant_table(
            "publication_withdrawnentry",
            member="S",
            worker="SI",
            keyed=False,
            operator="S",
            # Every place, to everybody who asks: a row whose place somebody did not see would be shown to them.
            policies=[Policy(Persona.PUBLIC, "S", "true"), Policy(Persona.CLIENT, "S", "true")],
        )

    def __str__(self) -> str:
        return f"{self.seq}.{self.n}"


class Client(models.Model):
    """A health department's program, or anybody's, that pulls the ledger."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    contact = models.EmailField(blank=True)

    class Meta:
        constraints = guarded_table(
            "publication_client",
            policies=[Policy(Persona.CLIENT, "S", f"id = {CLIENT}")],
        )

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A credential: prefix to tell it by, hash to know it by, scopes, an end within twelve months."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="keys")
    prefix = models.CharField(max_length=20, unique=True)
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            *guarded_table(
                "publication_apikey",
                policies=[Policy(Persona.CLIENT, "S", f"key_hash = {CREDENTIAL}")],
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="publication_apikey_ends"
            ),
        ]

    def __str__(self) -> str:
        return self.prefix


class Agreement(TenantModel):
    """A department and an institution agreed that rows beyond the public ones may be pulled."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="agreements")
    starts_on = models.DateField()
    ends_on = models.DateField()
    suspended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = tenant_table(
            "publication_agreement",
            member="S",
            worker="S",
            policies=[Policy(Persona.CLIENT, "S", f"client_id = {CLIENT}")],
        )

    def __str__(self) -> str:
        return f"{self.client_id} {self.starts_on}–{self.ends_on}"


class PullLog(models.Model):
    """Each pull by a client: what was asked and what left. Append-only."""

    id = models.BigAutoField(primary_key=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="pulls")
    key_prefix = models.CharField(max_length=20)
    at = models.DateTimeField(db_default=Now())
    filters = models.JSONField(default=dict)
    first_seq = models.BigIntegerField(null=True)
    last_seq = models.BigIntegerField(null=True)
    rows = models.IntegerField()

    class Meta:
        constraints = guarded_table(
            "publication_pulllog",
            grants={Persona.OPERATOR: "SI"},
            policies=[Policy(Persona.CLIENT, "SI", f"client_id = {CLIENT}")],
        )

    def __str__(self) -> str:
        return f"{self.key_prefix} {self.rows}"
