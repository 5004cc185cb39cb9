"""Pages that are written from the code say what the code says."""

from __future__ import annotations

from django.conf import settings

from equity.tenancy.dictionary import dictionary


def test_data_dictionary_is_current():
    page = settings.BASE_DIR / "docs" / "data-dictionary.md"
    assert page.read_text() == dictionary(), "Run: python manage.py data_dictionary"
