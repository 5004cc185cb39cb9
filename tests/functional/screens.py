"""Every main screen of the running house: its address, the links that lead on from there, and who opens it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from tests.functional.house import RunningHouse

REAL, INVENTED = "hospitals-130", "willow-ferry"

Way = tuple[str, ...]
"""An address, then the names of the links that lead on from it."""

PUBLIC: dict[str, Way] = {
    "front": ("/",),
    "institution": (f"/p/{INVENTED}/",),
    "finding": (f"/p/{INVENTED}/rounds/1/C1.1/",),
    "measure": (f"/p/{REAL}/measures/readmission-30-day/?by=race_ethnicity",),
    "measure-crossed": (f"/p/{REAL}/measures/readmission-30-day/?by=race_ethnicity&also=payer",),
    "measure-over-years": (f"/p/{INVENTED}/measures/pain-30-minutes/?by=race_ethnicity",),
    "measure-of-averages": (f"/p/{INVENTED}/measures/interpreter-wait/",),
    "measure-hidden": (f"/p/{REAL}/measures/readmission-30-day/?by=payer",),
    "guides": ("/guides/",),
    "goal-in-guide": ("/guides/light-and-heat/goals/4.1/",),
    "goal-without-practices": ("/guides/light-and-heat/goals/4.2/",),
    "steps-in-guide": ("/guides/light-and-heat/steps/",),
    "accountability-in-guide": ("/guides/light-and-heat/accountability/",),
    "search": ("/guides/search/?q=housing",),
    "clinic-guide": ("/guides/clinic/",),
    "how-we-count": ("/how-we-count/",),
    "access": ("/access/",),
    "privacy": ("/privacy/",),
    "help": ("/help/",),
    "api": ("/api/v1/",),
    "sign-in": ("/accounts/login/",),
    "not-found": ("/p/nobody/",),
}
AS: dict[str, dict[str, Way]] = {
    f"council@{REAL}": {
        "me": ("/me/",),
        "home": (f"/o/{REAL}/",),
        "programme": (f"/o/{REAL}/programme/",),
        "step": (f"/o/{REAL}/programme/steps/4/",),
        "goal": (f"/o/{REAL}/programme/goals/4.2/",),
        "practices": (f"/o/{REAL}/programme/practices/",),
        "practice": (f"/o/{REAL}/programme/practices/", "Set dates and checks for the equity work"),
        "levels": (f"/o/{REAL}/measures/",),
        "level": (f"/o/{REAL}/measures/patient/",),
        "measure-inside": (f"/o/{REAL}/measures/patient/readmission-30-day/?by=race_ethnicity",),
        "measure-crossed-inside": (
            f"/o/{REAL}/measures/patient/readmission-30-day/?by=race_ethnicity&also=payer",
        ),
        "people": (f"/o/{REAL}/people/",),
        "history": (f"/o/{REAL}/history/",),
        "not-allowed": (f"/o/{REAL}/measures/imports/",),
    },
    f"analyst@{REAL}": {
        "imports": (f"/o/{REAL}/measures/imports/",),
        "import": (f"/o/{REAL}/measures/imports/", "readmission-counts.csv"),
        "import-line-list": (f"/o/{REAL}/measures/imports/line-list/",),
        "import-counts": (f"/o/{REAL}/measures/imports/counts/",),
        "import-table": (f"/o/{REAL}/measures/imports/table/",),
        "import-look": (f"/o/{REAL}/measures/imports/look/",),
        "import-mappings": (f"/o/{REAL}/measures/imports/mappings/",),
        "import-typed": (f"/o/{REAL}/measures/imports/typed/",),
        "analysis": (f"/o/{REAL}/measures/analysis/",),
        "inequality": (f"/o/{REAL}/measures/patient/readmission-30-day/inequality/?by=race_ethnicity",),
        "releases": (f"/o/{REAL}/measures/releases/",),
        "release": (f"/o/{REAL}/measures/releases/", "All figures so far"),
        "release-new": (f"/o/{REAL}/measures/releases/new/",),
    },
    f"rosa@{REAL}": {
        "my-page-reviewer": ("/me/",),
        "rounds": (f"/o/{REAL}/community/",),
        "score": (f"/o/{REAL}/community/", "First round", "Score now"),
        "round-reviewer": (f"/o/{REAL}/community/", "First round"),
    },
    f"facilitator@{REAL}": {
        "round": (f"/o/{REAL}/community/", "First round"),
        "round-new": (f"/o/{REAL}/community/rounds/new/",),
    },
    f"lead@{INVENTED}": {
        "home-with-findings": (f"/o/{INVENTED}/",),
        "round-published": (f"/o/{INVENTED}/community/", "First round"),
        "together": (f"/o/{INVENTED}/community/", "First round", "Read what was found"),
        "level-with-many": (f"/o/{INVENTED}/measures/patient/",),
        "choose": (f"/o/{INVENTED}/measures/choose/",),
        "choose-library": (f"/o/{INVENTED}/measures/choose/library/blood-pressure-controlled/",),
        "choose-own": (f"/o/{INVENTED}/measures/choose/own/",),
        "choose-kept": (f"/o/{INVENTED}/measures/choose/ours/pain-30-minutes/",),
        "choose-version": (f"/o/{INVENTED}/measures/choose/ours/prenatal-by-week-12/",),
        "choose-change": (f"/o/{INVENTED}/measures/choose/ours/prenatal-by-week-12/change/",),
        "choose-target": (f"/o/{INVENTED}/measures/choose/ours/pain-30-minutes/target/",),
        "choose-sets": (f"/o/{INVENTED}/measures/choose/sets/",),
        "proposals": (f"/o/{INVENTED}/measures/choose/proposals/",),
        "proposal": (f"/o/{INVENTED}/measures/choose/proposals/", "Bills sent to a collector"),
        "groups": (f"/o/{INVENTED}/measures/choose/groups/",),
        "groups-of-one": (f"/o/{INVENTED}/measures/choose/groups/of/race_ethnicity/",),
        "groups-adopt": (f"/o/{INVENTED}/measures/choose/groups/library/social_risk/",),
        "groups-missing": (f"/o/{INVENTED}/measures/choose/groups/of/race_ethnicity/missing/",),
        "groups-order": (f"/o/{INVENTED}/measures/choose/groups/of/language/propose/order/",),
        "taking-part": (f"/o/{INVENTED}/measures/sums/taking-part/",),
        "levels-with-many": (f"/o/{INVENTED}/measures/",),
        "units": (f"/o/{INVENTED}/units/",),
        "unit": (f"/o/{INVENTED}/units/of/ferry/",),
        "measure-broken-line": (f"/o/{INVENTED}/measures/patient/prenatal-by-week-12/",),
        "measure-over-time": (f"/o/{INVENTED}/measures/patient/pain-30-minutes/",),
        "mandates": (f"/o/{INVENTED}/reports/",),
        "mandate": (f"/o/{INVENTED}/reports/", "California hospital equity report"),
        "mandate-hospital": (
            f"/o/{INVENTED}/reports/",
            "California hospital equity report",
            "Willow Ferry Hospital",
        ),
        "mandate-plan": (
            f"/o/{INVENTED}/reports/",
            "California hospital equity report",
            "Willow Ferry Hospital",
            "Make a plan",
        ),
        "mandate-measures": (
            f"/o/{INVENTED}/reports/",
            "California hospital equity report",
            "Which of our measures answer it",
        ),
        "mandate-groups": (
            f"/o/{INVENTED}/reports/",
            "California hospital equity report",
            "How our groups are matched",
        ),
        "mandate-submit": (
            f"/o/{INVENTED}/reports/",
            "California hospital equity report",
            "Look at it and submit",
        ),
    },
    f"facilitator@{INVENTED}": {
        "groups-decide": (
            f"/o/{INVENTED}/measures/choose/groups/",
            "Race and ethnicity: What a group is called",
        ),
        "proposal-new": (f"/o/{INVENTED}/measures/choose/proposals/new/?library=debt-actions",),
    },
}


def open_screen(page: Page, way: Way) -> None:
    """Go there as a person does: by the address, then from link to link."""
    address, *links = way
    page.goto(address)
    for link in links:
        page.get_by_role("main").get_by_role("link", name=link).first.click()
    page.wait_for_load_state()


def sign_in(context: BrowserContext, account: str, house: RunningHouse) -> None:
    """As one of the example accounts."""
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Email address").fill(f"{account}.example")
    page.get_by_label("Password").fill(house.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/me/")
    page.close()
