"""Makes readmission-counts.csv from the line list that it was counted from (README.md says where to get it).

Run it as `python -m metrics.example.make_readmission_counts diabetic_data.csv`; the file may be compressed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from metrics.reading.counts_writer import write_counts
from metrics.reading.linelist import LineListCounter
from metrics.reading.mapping_file import load_mapping

MAPPING = Path(__file__).with_name("diabetes130.toml")
FILE = Path(__file__).with_name("readmission-counts.csv")
_CHUNK_BYTES = 64 * 1024


def text(line_list: Path) -> str:
    """The counts of the line list, plain or compressed, as a counts file."""
    mapping = load_mapping(MAPPING)
    counter = LineListCounter(mapping)
    with line_list.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            counter.feed(chunk)
    counted = counter.finish()
    if not counted.is_valid:
        raise ValueError(f"{counted.error_total} errors, the first: {counted.errors[0].reason}")
    return "".join(write_counts(counted.rows(), [rule.dimension for rule in mapping.dimensions]))


if __name__ == "__main__":
    FILE.write_text(text(Path(sys.argv[1])), encoding="utf-8", newline="")
