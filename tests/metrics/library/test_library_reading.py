"""A library is whole, or every fault in it is told with its file, its key and the way to mend it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from metrics.library import checks, indexes, read, table
from metrics.library.entries import Fit, GuideReference, Relation
from metrics.library.read import LibraryError, load_library, parse_library
from metrics.reading import mapping_keys, toml_table
from metrics.reading.cells import MetricKind
from metrics.reading.errors import Problem
from metrics.reading.periods import Grain

BLANKS = """
[[blank]]
code = "unknown"
label = "Unknown"
standard_system = "absent"
standard = "unknown"

[[blank]]
code = "not_asked"
label = "Not asked"
standard_system = "absent"
standard = "not-asked"

[[blank]]
code = "declined"
label = "Chose not to answer"
standard_system = "absent"
standard = "asked-declined"
"""

RACE = """
[[dimension]]
code = "race"
version = 1
superseded_by = 2
name = "Race, old"
source = "A"
ask = "Which?"
caution = "Old."
category = [
  { position = 1, code = "black", label = "Black" },
  { position = 2, code = "white", label = "White" },
]

[[dimension]]
code = "race"
version = 2
name = "Race"
multiple = true
standard_system = "system"
source = "B"
ask = "Which ones?"
caution = "Broad."
category = [
  { position = 1, code = "black", label = "Black", standard = "b" },
  { position = 2, code = "more", label = "More than one", derived = true },
  { position = 3, code = "white", label = "White", short = "Wh", standard = "w" },
]

[[dimension.grouping]]
code = "once"
name = "Once"
partition = true
several = "more"
explanation = "Once."

[[dimension]]
code = "status"
version = 1
name = "Status"
collect = false
source = "None"
ask = "Do not ask."
caution = "Danger."
category = [
  { position = 1, code = "a", label = "A" },
  { position = 2, code = "b", label = "B" },
]

[[dimension.grouping]]
code = "merged"
name = "Merged"
partition = true
explanation = "Joined."
group = [
  { code = "all", label = "All", of = ["a", "b"] },
]

[[dimension]]
code = "tract"
version = 1
name = "Tract"
place = "[0-9]{11}"
source = "Census"
ask = "Where?"
caution = "Small."
"""

METRICS = """
[[metric]]
code = "calls"
version = 1
name = "Calls"
level = "patient"
purpose = "impact"
kind = "rate"
per = 1000
better = "lower"
counts_people = true
numerator = "Calls"
denominator = "Visits"
source = "Log"
frequency = "month"
dimensions = ["race", "tract"]
speaks_to = { light-and-heat = ["4.1", "4.3"] }
why = "It matters."
caution = "It misleads."
standard = [
  { system = "System", code = "S-1", name = "Calls", fit = "near" },
]
"""

CROSSWALK = """
[[crosswalk]]
code = "old-to-new"
from = { dimension = "race", version = 1 }
to = { dimension = "race", version = 2 }
source = "C"
link = [
  { from = "black", to = "black", relation = "same" },
  { from = "white", to = "white", relation = "broader", lost = "More people." },
]
"""

INDEX = """
[[metric]]
code = "heard"
version = 1
name = "Heard"
level = "patient"
purpose = "impact"
kind = "proportion"
better = "higher"
counts_people = true
numerator = "Those who were heard"
denominator = "All who answered"
source = "Survey"
frequency = "month"
dimensions = ["race"]
speaks_to = { light-and-heat = ["4.1"] }
why = "It matters."
caution = "Few answer."

[[metric]]
code = "both"
version = 1
name = "Both"
level = "patient"
purpose = "impact"
kind = "index"
better = "higher"
counts_people = false
numerator = "How safe and heard people are"
source = "Its parts"
frequency = "year"
dimensions = ["race"]
speaks_to = { light-and-heat = ["4.1"] }
why = "One number."
caution = "Look at the parts."
component = [
  { measure = "heard", weight = 2, worst = 0, best = 100 },
  { measure = "calls", worst = 12.5, best = 0 },
]
"""

FILES = {
    "index.toml": INDEX,
    "blanks.toml": BLANKS,
    "crosswalk.toml": CROSSWALK,
    "metrics.toml": METRICS,
    "race.toml": RACE,
}

FAULTS = [
    # one table
    ("metrics.toml", 'name = "Calls"\nlevel', "level", "metric.calls@1.name", table.LACKING),
    ("metrics.toml", "per = 1000\n", "", "metric.calls@1.per", table.LACKING),
    ("metrics.toml", 'denominator = "Visits"\n', "", "metric.calls@1.denominator", table.LACKING),
    ("metrics.toml", "per = 1000", "per = 0", "metric.calls@1.per", table.NOT_A_NUMBER),
    ("metrics.toml", "per = 1000", "per = true", "metric.calls@1.per", table.NOT_A_NUMBER),
    ("metrics.toml", "= true", '= "yes"', "metric.calls@1.counts_people", table.NOT_A_TRUTH),
    ("metrics.toml", '["race", "tract"]', '"race"', "metric.calls@1.dimensions", table.NOT_CODES),
    ("metrics.toml", '["4.1", "4.3"]', "[4.1]", "metric.calls@1.speaks_to.light-and-heat", table.NOT_CODES),
    ("metrics.toml", '{ light-and-heat = ["4.1", "4.3"] }', '"4.1"', "metric.calls@1.speaks_to",
     toml_table.NOT_A_TABLE),
    ("metrics.toml", 'kind = "rate"', 'kind = "ratio"', "metric.calls@1.kind", toml_table.NOT_ONE_OF),
    ("metrics.toml", '"month"', '"whole"', "metric.calls@1.frequency", toml_table.NOT_ONE_OF),
    ("metrics.toml", 'fit = "near"', 'fit = "far"', "metric.calls@1.standard.1.fit", toml_table.NOT_ONE_OF),
    ("metrics.toml", 'code = "calls"', 'code = "Calls!"', "metric.1.code", mapping_keys.NOT_A_CODE),
    ("metrics.toml", "better =", "bettr =", "metric.calls@1.bettr", toml_table.UNKNOWN_KEY),
    ("metrics.toml", "name = \"Calls\", fit", "name = \"Calls\", fitt = 1, fit", "metric.calls@1.standard.1.fitt",
     toml_table.UNKNOWN_KEY),
    ("metrics.toml", "[[metric]]", "[[metrics]]", "metrics", toml_table.UNKNOWN_KEY),
    ("metrics.toml", "[[metric]]", "[metric]", "metric", toml_table.NOT_A_TABLE),
    ("metrics.toml", 'source = "Log"', "source = Log", "", read.NOT_TOML),
    ("blanks.toml", 'standard = "unknown"', "", "blank.unknown.standard", table.LACKING),
    ("race.toml", "derived = true", 'derived = "yes"', "dimension.race@2.category.more.derived",
     table.NOT_A_TRUTH),
    ("race.toml", "position = 1, code = \"a\"", "code = \"a\"", "dimension.status@1.category.a.position",
     table.LACKING),
    ("race.toml", 'explanation = "Once."', "", "dimension.race@2.grouping.once.explanation", table.LACKING),
    ("race.toml", 'several = "more"', 'several = "more"\nsome = 1', "dimension.race@2.grouping.once.some",
     toml_table.UNKNOWN_KEY),
    ("race.toml", 'label = "All", of', 'label = "All", off = 1, of', "dimension.status@1.grouping.merged.group.all.off",
     toml_table.UNKNOWN_KEY),
    ("crosswalk.toml", "version = 1 }", "version = 1, of = 1 }", "crosswalk.old-to-new.from.of",
     toml_table.UNKNOWN_KEY),
    ("crosswalk.toml", 'relation = "same"', 'relation = "same", los = 1', "crosswalk.old-to-new.link.1.los",
     toml_table.UNKNOWN_KEY),
    ("race.toml", "name = \"Race, old\"", "name = 7", "dimension.race@1.name", toml_table.NOT_TEXT),
    ("index.toml", "worst = 12.5", 'worst = "12.5"', "metric.both@1.component.2.worst", table.NOT_AN_AMOUNT),
    ("index.toml", "weight = 2", "weight = 0", "metric.both@1.component.1.weight", indexes.NOT_ABOVE_0),
    ("index.toml", "worst = 12.5", "worst = 0", "metric.both@1.component.2.best", indexes.SAME_ENDS),
    ("index.toml", '  { measure = "calls", worst = 12.5, best = 0 },\n', "", "metric.both@1.component", indexes.TOO_FEW),
    ("index.toml", 'kind = "index"', 'kind = "count"', "metric.both@1.component", indexes.NOT_AN_INDEX),
    # between tables
    ("index.toml", 'measure = "calls"', 'measure = "both"', "metric.both@1.component", checks.NOT_A_PART),
    ("index.toml", 'measure = "calls"', 'measure = "heard"', "metric.both@1.component", checks.NOT_A_PART),
    ("index.toml", "worst = 12.5, best = 0", "worst = 0, best = 12.5", "metric.both@1.component", checks.NOT_A_PART),
    ("index.toml", "counts_people = false", "counts_people = true", "metric.both@1.counts_people",
     checks.COUNTS_NOBODY),
    ("metrics.toml", '["race", "tract"]', '["race", "race"]', "metric.calls@1.dimensions", checks.TWICE),
    ("metrics.toml", '["race", "tract"]', '["payer"]', "metric.calls@1.dimensions", checks.UNKNOWN_DIMENSION),
    ("metrics.toml", '["race", "tract"]', '["status"]', "metric.calls@1.dimensions", checks.NOT_COLLECTED),
    ("metrics.toml", '["4.1", "4.3"]', "[]", "metric.calls@1.speaks_to", checks.NO_GUIDE_ITEM),
    ("metrics.toml", 'code = "S-1", ', "", "metric.calls@1.standard.1.code", checks.NO_REFERENCE),
    ("blanks.toml", 'code = "declined"', 'code = "refused"', "dimension.race@1.category", checks.NO_BLANKS),
    ("race.toml", "version = 2\nname", "version = 1\nname", "dimension.race@1.code", checks.TWICE),
    ("race.toml", 'code = "white", label = "White", short', 'code = "black", label = "White", short',
     "dimension.race@2.category", checks.TWICE),
    ("race.toml", 'standard = "w"', 'standard = "b"', "dimension.race@2.category", checks.TWICE),
    ("race.toml", 'standard_system = "system"', "", "dimension.race@2.standard_system", checks.NO_SYSTEM),
    ("race.toml", 'position = 2, code = "b"', 'position = 3, code = "b"', "dimension.status@1.category",
     checks.NOT_NUMBERED),
    ("race.toml", 'code = "black", label = "Black" }', 'code = "men", label = "Black" }',
     "dimension.race@1.category", checks.FIRST_BY_DEFAULT),
    ("race.toml", 'code = "a", label = "A"', 'code = "a", label = "Z"', "dimension.status@1.category",
     checks.NOT_ALPHABETICAL),
    ("race.toml", '  { position = 2, code = "b", label = "B" },\n', "", "dimension.status@1.category",
     checks.TOO_FEW_GROUPS),
    ("race.toml", 'name = "Status"', 'name = "Status"\nplace = "x"', "dimension.status@1.category",
     checks.PLACE_WITH_GROUPS),
    ("race.toml", "[0-9]{11}", "[0-9", "dimension.tract@1.place", checks.NOT_A_PATTERN),
    ("race.toml", "superseded_by = 2", "superseded_by = 3", "dimension.race@1.superseded_by",
     checks.NOT_A_SUCCESSOR),
    ("race.toml", "superseded_by = 2", "superseded_by = 1", "dimension.race@1.superseded_by",
     checks.NOT_A_SUCCESSOR),
    ("race.toml", 'several = "more"', 'several = "several"', "dimension.race@2.grouping", checks.UNKNOWN_GROUP),
    ("race.toml", 'several = "more"\n', "", "dimension.race@2.grouping", checks.PARTITION_OF_SEVERAL),
    ("race.toml", 'of = ["a", "b"]', 'of = ["a"]', "dimension.status@1.grouping", checks.NOT_A_PARTITION),
    ("race.toml", 'of = ["a", "b"]', 'of = ["a", "b", "a"]', "dimension.status@1.grouping",
     checks.NOT_A_PARTITION),
    ("race.toml", '{ code = "all", label = "All", of = ["a", "b"] }',
     '{ code = "z", label = "Z", of = ["a"] }, { code = "y", label = "Y", of = ["b"] }',
     "dimension.status@1.grouping", checks.NOT_ALPHABETICAL),
    ("race.toml", 'code = "all"', 'code = "men"', "dimension.status@1.grouping", checks.FIRST_BY_DEFAULT),
    ("crosswalk.toml", "version = 2", "version = 4", "crosswalk.old-to-new.to", checks.UNKNOWN_VERSION),
    ("crosswalk.toml", 'to = "white"', 'to = "blue"', "crosswalk.old-to-new.link", checks.UNKNOWN_GROUP),
    ("crosswalk.toml", '{ from = "black"', '{ from = "blue"', "crosswalk.old-to-new.link", checks.NOT_LINKED),
    ("crosswalk.toml", ', lost = "More people."', "", "crosswalk.old-to-new.link", checks.NOTHING_LOST),
    ("crosswalk.toml", '"broader"', '"wider"', "crosswalk.old-to-new.link.2.relation", toml_table.NOT_ONE_OF),
    ("crosswalk.toml", 'from = { dimension = "race", version = 1 }', "", "crosswalk.old-to-new.from",
     table.LACKING),
]  # fmt: skip


def _changed(file: str, old: str, new: str) -> dict[str, str]:
    assert FILES[file].count(old) == 1, old
    return {**FILES, file: FILES[file].replace(old, new)}


def _faults(files: dict[str, str]) -> set[tuple[str, str, Problem]]:
    with pytest.raises(LibraryError) as refused:
        parse_library(files)
    return {(fault.file, fault.key, fault.problem) for fault in refused.value.faults}


def test_good_library_says_what_the_files_say() -> None:
    library = parse_library(FILES)
    calls = library.metric("calls")
    assert (calls.kind, calls.per, calls.frequency, calls.dimensions) == (
        MetricKind.RATE,
        1000,
        Grain.MONTH,
        ("race", "tract"),
    )
    assert calls.speaks_to == (
        GuideReference("light-and-heat", "4.1"),
        GuideReference("light-and-heat", "4.3"),
    )
    assert [(one.code, one.fit, one.url) for one in calls.standards] == [("S-1", Fit.NEAR, "")]
    race = library.dimension("race")
    assert [(one.code, one.short, one.position, one.standard_system) for one in race.categories] == [
        ("black", "Black", 1, "system"),
        ("more", "More than one", 2, ""),
        ("white", "Wh", 3, "system"),
        ("unknown", "Unknown", 4, "absent"),
        ("not_asked", "Not asked", 5, "absent"),
        ("declined", "Chose not to answer", 6, "absent"),
    ]
    assert [one.code for one in race.answers] == ["black", "more", "white"]
    (crosswalk,) = library.crosswalks
    assert (crosswalk.source.version, crosswalk.target.version) == (1, 2)
    assert [link.relation for link in crosswalk.links] == [Relation.SAME, Relation.BROADER]


def test_index_says_what_it_is_made_of() -> None:
    assert parse_library(FILES).metric("both").composition == {
        "aggregation": "geometric",
        "components": [
            {"measure": "heard", "weight": 2, "worst": 0, "best": 100},
            {"measure": "calls", "weight": 1, "worst": 12.5, "best": 0},
        ],
    }
    assert parse_library(FILES).metric("heard").composition == {}


def test_metric_reads_in_100_unless_it_says_otherwise() -> None:
    files = _changed("metrics.toml", 'kind = "rate"\nper = 1000', 'kind = "proportion"')
    assert parse_library(files).metric("calls").per == 100


def test_count_needs_no_denominator() -> None:
    files = _changed("metrics.toml", 'kind = "rate"', 'kind = "count"')
    files["metrics.toml"] = files["metrics.toml"].replace('denominator = "Visits"\n', "")
    assert parse_library(files).metric("calls").denominator == ""


def test_groups_that_run_from_least_to_most_need_no_alphabet() -> None:
    files = _changed("race.toml", 'code = "a", label = "A"', 'code = "a", label = "Z"')
    files["race.toml"] = files["race.toml"].replace("collect = false", "collect = false\nordered = true")
    assert [one.label for one in parse_library(files).dimension("status").answers] == ["Z", "B"]


@pytest.mark.parametrize(("file", "old", "new", "key", "problem"), FAULTS)
def test_fault_is_told_at_its_file_and_key(file: str, old: str, new: str, key: str, problem: Problem) -> None:
    told = _faults(_changed(file, old, new))
    where = "race.toml" if problem is checks.NO_BLANKS else file
    assert (where, key, problem) in told


def test_every_problem_of_the_reader_is_tried() -> None:
    problems = {
        name: problem
        for module in (checks, indexes, read, table)
        for name, problem in vars(module).items()
        if isinstance(problem, Problem)
    }
    tried = [problem for *_change, problem in FAULTS]
    assert [name for name, problem in problems.items() if problem not in tried] == ["MISSING"]


def test_entries_of_two_files_cannot_share_a_code() -> None:
    assert _faults({**FILES, "more.toml": METRICS}) == {("more.toml", "metric.calls@1.code", checks.TWICE)}


def test_all_faults_are_told_at_once_in_words() -> None:
    files = _changed("metrics.toml", "per = 1000", "per = 0")
    files["crosswalk.toml"] = CROSSWALK.replace(', lost = "More people."', "")
    with pytest.raises(LibraryError) as refused:
        parse_library(files)
    assert str(refused.value).splitlines() == [
        "crosswalk.toml, crosswalk.old-to-new.link: A link that is not the same does not say what is lost. "
        "Add lost: what cannot be brought over to the new list.",
        "metrics.toml, metric.calls@1.per: This is not a whole number of 1 or more. "
        "Write digits only, without marks, such as 100.",
    ]


def test_text_that_is_not_toml_is_told_with_its_file() -> None:
    with pytest.raises(LibraryError, match=r"broken\.toml: The file is not valid TOML: .*line 2"):
        parse_library({**FILES, "broken.toml": "a = 1\nb = c\n"})


def test_library_is_loaded_from_a_folder_and_the_folders_in_it(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name, text in FILES.items():
        (tmp_path / "inner" / name).write_text(text, encoding="utf-8")
    assert load_library(tmp_path) == parse_library(FILES)
    (tmp_path / "inner" / "race.toml").write_text("[dimension", encoding="utf-8")
    with pytest.raises(LibraryError, match=r"inner/race\.toml: "):
        load_library(tmp_path)


def test_library_is_read_without_django() -> None:
    code = "import sys; from metrics.library.read import load_library; load_library(); print('django' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
