"""Writing to the ledger: one statement, one number, nobody can take it back."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections

from equity.publication.models import Release
from equity.tenancy.acting import current


@dataclass(frozen=True)
class Entry:
    """A row to publish. `key` says what it is about; a later entry of the same key takes its place in force."""

    kind: str
    key: str
    document: dict[str, Any]
    metric: str = ""
    period_start: datetime.date | None = None
    period_end: datetime.date | None = None
    op: str = "upsert"
    audience: str = "public"


PUBLISH = """
WITH next AS (SELECT publication_next_seq() AS seq),
     published AS (
       UPDATE publication_release AS release
          SET state = 'published', seq = next.seq, published_at = now()
         FROM next
        WHERE release.id = %(release)s AND release.state = 'certified' AND release.seq IS NULL
       RETURNING release.id, release.organisation_id, release.seq)
INSERT INTO publication_ledgerentry (seq, n, organisation_id, release_id, kind, op, audience, key, metric,
                                     period_start, period_end, document)
SELECT published.seq, entry.n, published.organisation_id, published.id, entry.kind, entry.op, entry.audience, entry.key,
       entry.metric, entry.period_start, entry.period_end, entry.document
  FROM published,
       jsonb_to_recordset(%(entries)s::jsonb) AS entry(n int, kind text, op text, audience text, key text, metric text,
                                                       period_start date, period_end date, document jsonb)
RETURNING seq
"""


def publish(release: Release, entries: Sequence[Entry]) -> int:
    """Write all entries under the next sequence number and mark the release published, in one statement.

    Runs as the worker persona, last in its transaction: the number is given out under a lock that is held until
    commit, so that whoever reads up to number k has seen everything up to k.
    Returns the sequence number. Raises ValueError when there is nothing to publish or the release is not certified.
    """
    if not entries:
        raise ValueError("A release without rows is not published.")
    rows = [
        {
            "n": number,
            "kind": entry.kind,
            "op": entry.op,
            "audience": entry.audience,
            "key": entry.key,
            "metric": entry.metric,
            "period_start": entry.period_start and entry.period_start.isoformat(),
            "period_end": entry.period_end and entry.period_end.isoformat(),
            "document": entry.document,
        }
        for number, entry in enumerate(entries, start=1)
    ]
    with connections[current().alias].cursor() as cursor:
        cursor.execute(PUBLISH, {"release": release.pk, "entries": json.dumps(rows)})
        written = cursor.fetchone()
    if written is None:
        raise ValueError("Only a certified release that is not yet published can be published.")
    return int(written[0])
