"""Attaching proof to a practice, and saying who may see it."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from equity import audit
from equity.errors import RuleBroken
from equity.tenancy.acting import current
from equity.tenancy.models import Person
from practices.evidence_rules import (
    ACCEPTED_EXTENSIONS,
    LONGEST_SIGNATURE,
    FileKind,
    Visibility,
    file_kind,
    is_web_link,
)
from practices.models import AdoptedPractice, Evidence


def attach_evidence_file(
    *,
    practice: AdoptedPractice,
    title: str,
    upload: UploadedFile,
    fact_date: datetime.date,
    by: Person,
    visibility: Visibility = Visibility.INSTITUTION,
) -> Evidence:
    """Keep a file as proof, under a random name, with its SHA-256 and size.

    Raises RuleBroken when the file is empty, too large or of a kind that is not accepted.
    """
    kind = _accepted(upload)
    evidence = _prepared(practice, title, fact_date, visibility, by)
    evidence.kind, evidence.content_type = Evidence.Kind.FILE, kind.content_type
    evidence.sha256, evidence.size = _measured(upload)
    evidence.file.save(upload.name or "", upload, save=False)
    try:
        return _keep(evidence, by, sha256=evidence.sha256, size=evidence.size)
    except BaseException:
        evidence.file.delete(save=False)
        raise


def attach_evidence_link(
    *,
    practice: AdoptedPractice,
    title: str,
    url: str,
    fact_date: datetime.date,
    by: Person,
    visibility: Visibility = Visibility.INSTITUTION,
) -> Evidence:
    """Keep a web address as proof. Raises RuleBroken when it is not http or https."""
    if not is_web_link(url):
        raise RuleBroken(_("A link begins with https:// or http:// and has no name or password in it."))
    evidence = _prepared(practice, title, fact_date, visibility, by)
    evidence.kind, evidence.url = Evidence.Kind.LINK, url
    return _keep(evidence, by)


def show_evidence_to(*, evidence: Evidence, visibility: Visibility, by: Person) -> Evidence:
    """Change who may see a piece of evidence: the only thing about it that can be changed."""
    with transaction.atomic(using=current().alias):
        locked = (
            Evidence.objects.select_for_update(of=("self",))
            .select_related("practice__item__guide")
            .get(pk=evidence.pk)
        )
        before, locked.visibility = locked.visibility, visibility.value
        locked.save(update_fields=["visibility"])
        _record("evidence.show_to", locked, by, before=before, after=visibility.value)
    return locked


def _prepared(
    practice: AdoptedPractice, title: str, fact_date: datetime.date, visibility: Visibility, by: Person
) -> Evidence:
    if not title.strip():
        raise RuleBroken(_("Say in a few words what this shows."))
    if fact_date > timezone.localdate():
        raise RuleBroken(_("The day of the fact cannot be in the future."))
    if practice.goal.cycle.ended_on is not None:
        raise RuleBroken(_("This cycle has ended and stays as it was."))
    return Evidence(
        organisation_id=practice.organisation_id,
        practice=practice,
        title=title.strip(),
        fact_date=fact_date,
        visibility=visibility.value,
        added_by=by,
    )


def _keep(evidence: Evidence, by: Person, **details: Any) -> Evidence:
    with transaction.atomic(using=current().alias):
        evidence.save(force_insert=True)
        _record(
            "evidence.attach", evidence, by, kind=evidence.kind, visibility=evidence.visibility, **details
        )
    return evidence


def _record(event: str, evidence: Evidence, by: Person, **details: Any) -> None:
    """On the practice's trail, by id: people read it who may see neither the evidence nor its title."""
    audit.record(event, by=by, target=evidence.practice, evidence=str(evidence.pk), **details)


def _accepted(upload: UploadedFile) -> FileKind:
    if not upload.size:
        raise RuleBroken(_("The file is empty."))
    if upload.size > settings.EVIDENCE_MAX_BYTES:
        most = filesizeformat(settings.EVIDENCE_MAX_BYTES)
        raise RuleBroken(_("The file is too large: at most %(most)s.") % {"most": most})
    upload.seek(0)
    kind = file_kind(upload.name or "", upload.content_type or "", upload.read(LONGEST_SIGNATURE))
    if kind is None:
        accepted = ", ".join(extension.removeprefix(".") for extension in ACCEPTED_EXTENSIONS)
        raise RuleBroken(
            _("We cannot take this kind of file. We take: %(accepted)s.") % {"accepted": accepted}
        )
    return kind


def _measured(upload: UploadedFile) -> tuple[str, int]:
    """SHA-256 and size of what was really received."""
    digest, size = hashlib.sha256(), 0
    for chunk in upload.chunks():
        digest.update(chunk)
        size += len(chunk)
    upload.seek(0)
    return digest.hexdigest(), size
