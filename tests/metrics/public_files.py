"""Files as public bodies publish them: small ones of the same shape, made here, and the published ones where they are.

The published files stay out of the repository. Where the environment variable names the folder that holds them, the
tests read them too.
"""

from __future__ import annotations

import csv
import gzip
import io
import lzma
import os
from collections.abc import Sequence
from pathlib import Path

FOLDER_VARIABLE = "PUBLIC_DATA_FOLDER"
MADE, PUBLISHED = "made", "published"
SOURCES = [MADE, PUBLISHED] if os.environ.get(FOLDER_VARIABLE) else [MADE]

Table = Sequence[Sequence[str]]

NOT_AVAILABLE = "Not Available"
TOO_FEW = "1 - The number of cases/patients is too few to report."
HRRP_HEADER = [
    *("Hospital Name", "Provider ID", "State", "Measure Name", "Number of Discharges", "Footnote"),
    *("Excess Readmission Ratio", "Predicted Readmission Rate", "Expected Readmission Rate"),
    *("Number of Readmissions", "Start Date", "End Date"),
]
DAYS = ["07/01/2014", "06/30/2017"]


def _hrrp(provider: str, measure: str, discharges: str, readmissions: str, footnote: str = "") -> list[str]:
    name = f"READM_30_{measure}_HRRP"
    return ["A HOSPITAL", provider, "LA", name, discharges, footnote, "1", "2", "2", readmissions, *DAYS]


ATLAS_HEADER = [
    *("Indicator", "Year", "Geography", "FIPS", "Age Group", "Race/Ethnicity", "Sex", "Cases", "Percent"),
    "Population",
]
EVERY_AGE, EVERY_RACE, EVERY_SEX = "Ages 13 years and older", "All races/ethnicities", "Both sexes"


def _atlas(year: str, groups: tuple[str, str, str], cases: str, percent: str, population: str) -> list[str]:
    return ["Linkage to HIV medical care", year, "Alabama", "01", *groups, cases, percent, population]


STATINS_HEADER = ["BENE_YES", "BENE_NO", "TOTAL_BENE", "BENE_YES_PCT"]
SVI_HEADER = [
    *("FIPS", "E_TOTPOP", "E_MINRTY", "E_AFAM", "E_HISP", "E_ASIAN", "E_AIAN", "E_NHPI", "E_TWOMORE"),
    *("E_OTHERRACE", "E_AGE65", "EP_AGE65", "E_AGE17", "EP_AGE17"),
]
HOSPITALS_HEADER = ["Provider ID", "Hospital Type", "Hospital Ownership", "Emergency Services"]

MADE_FILES: dict[str, Table] = {
    "cms_hrrp_2014-07_2017-06.csv": [
        HRRP_HEADER,
        _hrrp("010005", "HF", "259", "67"),
        _hrrp("010005", "AMI", NOT_AVAILABLE, NOT_AVAILABLE, TOO_FEW),
        _hrrp("010005", "CABG", "0", NOT_AVAILABLE, "7 - No cases met the criteria for this measure."),
        _hrrp(
            "190164",
            "HF",
            NOT_AVAILABLE,
            NOT_AVAILABLE,
            "5 - Results are not available for this reporting period.",
        ),
        _hrrp("190164", "PN", "120", "18"),
    ],
    "cms_hospital_general_information_2019.csv": [
        HOSPITALS_HEADER,
        ["010005", "Acute Care Hospitals", "Proprietary", "true"],
        ["010012", "Acute Care Hospitals", "Government - Local", "false"],
        ["011304", "Critical Access Hospitals", "Government - Local", "true"],
    ],
    "cdc_atlas_hiv_care/hiv_care-state-all.csv": [
        ATLAS_HEADER,
        _atlas("2022", (EVERY_AGE, EVERY_RACE, EVERY_SEX), "1,550", "77.5", "2,000"),
        _atlas(
            "2020 (COVID-19 Pandemic)",
            (EVERY_AGE, EVERY_RACE, EVERY_SEX),
            "Data not available",
            "Data not available",
            "NA",
        ),
    ],
    "cdc_atlas_hiv_care/hiv_care-state-sex.csv": [
        ATLAS_HEADER,
        _atlas("2022", (EVERY_AGE, EVERY_RACE, "Female"), "550", "78.6", "700"),
        _atlas("2022", (EVERY_AGE, EVERY_RACE, "Male"), "1,000", "76.9", "1,300"),
    ],
    "cdc_atlas_hiv_care/hiv_care-state-race_and_ethnicity.csv": [
        ATLAS_HEADER,
        _atlas("2022", (EVERY_AGE, "White", EVERY_SEX), "1,550", "77.5", "2,000"),
        _atlas("2022", (EVERY_AGE, "Asian", EVERY_SEX), "0", "0.0", "0"),
    ],
    "cdc_svi_county_2022.csv": [
        SVI_HEADER,
        [
            *("01001", "58761", "16126", "11496", "1864", "636", "59", "0", "1930", "141"),
            *("9176", "15.6", "13766", "23.4"),
        ],
    ],
    "medicare_statins/statins-US.csv": [STATINS_HEADER, ["835", "165", "1000", "0.835"]],
    "medicare_statins/statins-State.csv": [
        ["STATE_NAME", "STATE_FIPS", *STATINS_HEADER],
        ["Alabama", "1", "800", "150", "950", "0.8421052632"],
    ],
    "medicare_statins/statins-Race_State.csv": [
        ["RACE_NAME", "STATE_NAME", "STATE_FIPS", *STATINS_HEADER],
        ["Hispanic", "Alabama", "1", "700", "100", "800", "0.875"],
        ["Unknown", "Alabama", "1", "90", "50", "140", "0.6428571429"],
        ["Other", "Alabama", "1", ".", "0", ".", "1"],
    ],
    "medicare_statins/statins-Race+Sex_State.csv": [
        ["RACE_NAME", "SEX_NAME", "STATE_NAME", "STATE_FIPS", *STATINS_HEADER],
        ["Hispanic", "Male", "Alabama", "1", "300", "50", "350", "0.8571428571"],
        ["Hispanic", "Female", "Alabama", "1", "400", "50", "450", "0.8888888889"],
        ["Unknown", "Male", "Alabama", "1", "50", "20", "70", "0.7142857143"],
        ["Unknown", "Female", "Alabama", "1", "40", "30", "70", "0.5714285714"],
        ["Other", "Male", "Alabama", "1", ".", ".", ".", "0.5"],
        ["", "", "", "", "0", "0", "0", "0"],
    ],
}


def names(source: str, folder: str = "") -> list[str]:
    """The files of a source, in or below a folder, by their names without an ending for compression."""
    if source == MADE:
        return sorted(name for name in MADE_FILES if name.startswith(folder))
    root = Path(os.environ[FOLDER_VARIABLE])
    found = (root / folder).rglob("*.csv*")
    return sorted(str(path.relative_to(root)).removesuffix(".xz") for path in found)


def content(source: str, name: str) -> bytes:
    """The bytes of a file as they came: compressed with xz, or not; a made one with gzip."""
    if source == MADE:
        text = io.StringIO()
        csv.writer(text).writerows(MADE_FILES[name])
        return gzip.compress(text.getvalue().encode())
    path = Path(os.environ[FOLDER_VARIABLE]) / name
    return path.read_bytes() if path.exists() else path.with_name(f"{path.name}.xz").read_bytes()


def rows_of(data: bytes) -> list[dict[str, str]]:
    """The rows as Python's own reader gives them: another way to the same numbers."""
    plain = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    plain = lzma.decompress(plain) if plain.startswith(b"\xfd7zXZ") else plain
    return list(csv.DictReader(io.StringIO(plain.decode("utf-8-sig"), newline="")))
