"""Entries of the ledger as rows that leave: nested for JSON, flat for CSV. Pure but for the entry's own fields.

A hidden value has a status, never a number that stands for it; what is not published carries no number whatever the
document says. A withdrawn row is its own tombstone: op "delete", status "withdrawn", why if that was said, no numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from equity.publication.models import LedgerEntry, Release

Row = dict[str, Any]

WITHDRAWN = "withdrawn"
METRIC = (
    "code", "name", "level", "kind", "better", "per", "numerator", "denominator", "source", "counted_once", "composition", "version", "comparable", "set",
)  # fmt: skip

COLUMNS = (
    "id", "seq", "n", "op", "key", "release",
    "institution_slug", "institution_name", "institution_ccn", "institution_state", "institution_county_fips", "sample",
    "metric_code", "metric_name", "metric_kind", "metric_better", "metric_version", "comparable", "metric_set", "per", "unit_code", "unit_name", "unit_root",
    "period_start", "period_end", "period_grain", "dims", "groups",
    "status", "numerator", "denominator", "rate", "ci_low", "ci_high", "reliable",
    "institutions_counted", "institutions_joined", "published_at", "reason", "metric_parts", "target", "target_by",
)  # fmt: skip


def institution(release: Release) -> Row:
    """Who published, as the release's header says."""
    return {
        "slug": release.institution_slug,
        "name": release.institution_name,
        "ccn": release.ccn or None,
        "state": release.state_code or None,
        "county_fips": release.county_fips or None,
        "sample": bool(release.sample_note),
    }


def publishing(release: Release, page: str) -> Row:
    """An institution by its latest release; `page` is the address of its public page."""
    return institution(release) | {
        "sample_note": release.sample_note,
        "last_seq": release.seq,
        "last_published_at": moment(release),
        "page": page,
    }


def moment(release: Release) -> str | None:
    """When it was published, in UTC: 2026-05-03T09:30:00Z."""
    at = release.published_at
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _head(entry: LedgerEntry) -> Row:
    return {
        "id": f"{entry.seq}.{entry.n}",
        "seq": entry.seq,
        "n": entry.n,
        "op": entry.op,
        "reason": entry.document.get("reason") if entry.op == "delete" else None,
        "key": f"{entry.release.institution_slug}|{entry.key}",
        "release": str(entry.release_id),
        "institution": institution(entry.release),
    }


def observation(entry: LedgerEntry) -> Row:
    """One published figure, or its tombstone."""
    document: Mapping[str, Any] = entry.document if entry.op == "upsert" else {}
    status = document.get("status", WITHDRAWN)
    published = status == "published"
    metric = document.get("metric") or {"code": entry.metric}
    return _head(entry) | {
        "metric": {name: metric.get(name) for name in METRIC},
        "unit": _unit(document.get("unit")),
        "period": _period(entry, document),
        "dims": document.get("dims", {}),
        "labels": {code: label["category"] for code, label in document.get("labels", {}).items()},
        "status": status,
        "numerator": document["numerator"] if published else None,
        "denominator": document.get("denominator"),
        "rate": document["rate"] if published else None,
        "ci": document["ci"] if published else None,
        "reliable": document["reliable"] if published else None,
        "target": document.get("target") if published else None,
        "institutions": document.get("institutions"),
        "published_at": moment(entry.release),
    }


def finding(entry: LedgerEntry) -> Row:
    """How one criterion or dashboard was scored, why, and what was replied; or its tombstone."""
    document: Mapping[str, Any] = entry.document if entry.op == "upsert" else {}
    return _head(entry) | {
        "round": document.get("round"),
        "item": document.get("item"),
        "position": document.get("position"),
        "threshold": document.get("threshold"),
        "groups": [_group(group) for group in document.get("groups", [])],
        "reasons": document.get("reasons", []),
        "reply": document.get("reply"),
        "published_at": moment(entry.release),
    }


def flat(row: Row) -> Row:
    """An observation as one line of a table. Blank means: there is no number, and `status` says why."""
    low, high = row["ci"] or (None, None)
    metric, period, unit = (
        row["metric"],
        row["period"],
        row["unit"] or dict.fromkeys(("code", "name", "root")),
    )
    return {
        **{
            name: row[name]
            for name in ("id", "seq", "n", "op", "reason", "key", "release", "status", "published_at")
        },
        **{
            f"institution_{name}": row["institution"][name]
            for name in ("slug", "name", "ccn", "state", "county_fips")
        },
        "sample": row["institution"]["sample"],
        **{f"metric_{name}": metric[name] for name in ("code", "name", "kind", "better")},
        "metric_version": metric["version"],
        "comparable": metric["comparable"],
        "metric_set": metric["set"] and "{code}@{edition}".format(**metric["set"]),
        "per": metric["per"],
        "metric_parts": _parts(metric["composition"]),
        "unit_code": unit["code"],
        "unit_name": unit["name"],
        "unit_root": unit["root"],
        "period_start": period["start"],
        "period_end": period["end"],
        "period_grain": period["grain"],
        "dims": "&".join(f"{code}={row['dims'][code]}" for code in sorted(row["dims"])),
        "groups": ", ".join(row["labels"][code] for code in sorted(row["labels"])),
        **{name: row[name] for name in ("numerator", "denominator", "rate", "reliable")},
        "target": row["target"] and row["target"]["value"],
        "target_by": row["target"] and row["target"]["by"],
        "ci_low": low,
        "ci_high": high,
        **_counted(row["institutions"]),
    }


def _parts(composition: Mapping[str, Any] | None) -> str | None:
    """The codes of the measures that an index is made of; blank in every other row."""
    return " ".join(one["measure"] for one in composition["components"]) if composition else None


def _counted(institutions: Mapping[str, Any] | None) -> Row:
    """Whose counts a sum over institutions adds up; blank in every other row."""
    return {
        "institutions_counted": ", ".join(institutions["counted"]) if institutions else None,
        "institutions_joined": institutions["joined"] if institutions else None,
    }


def _unit(unit: Mapping[str, Any] | None) -> Row | None:
    """Rows stay as they were published: the first ones do not say whether theirs is the whole institution."""
    return {"code": unit["code"], "name": unit["name"], "root": unit.get("root")} if unit else None


def _period(entry: LedgerEntry, document: Mapping[str, Any]) -> Row:
    """The period of the document; of a tombstone the days that the ledger itself keeps."""
    told = document.get("period", {})
    start, end = entry.period_start, entry.period_end
    return {
        "start": told.get("start", start and start.isoformat()),
        "end": told.get("end", end and end.isoformat()),
        "grain": told.get("grain"),
        "label": told.get("label"),
    }


def _group(group: Mapping[str, Any]) -> Row:
    """A group that is not shown has a name and nothing that was counted."""
    if group["shown"]:
        return dict(group)
    counted = dict.fromkeys(("replies", "levels", "not_enough", "recused", "median", "split"))
    return {"group": group["group"], "label": group["label"], "shown": False, **counted}
