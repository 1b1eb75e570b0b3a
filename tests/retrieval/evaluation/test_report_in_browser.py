"""The report as a browser shows it. Needs Chromium on the path (Debian's package ``chromium``)."""

from __future__ import annotations

import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest

from retrieval.evaluation.report import render
from retrieval.evaluation.runs import Run

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Questions(HTMLParser):
    """Which questions of the table can be seen, and how many the page says there are."""

    def __init__(self, dom: str) -> None:
        super().__init__()
        self.rows: list[dict[str, str | None]] = []
        self.count = ""
        self._in_count = False
        self.feed(dom)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if attributes.get("class") == "question":
            self.rows.append(attributes)
        self._in_count = attributes.get("id") == "count"

    def handle_data(self, data: str) -> None:
        if self._in_count:
            self.count += data

    def handle_endtag(self, tag: str) -> None:
        self._in_count = False

    @property
    def shown(self) -> list[dict[str, str | None]]:
        return [row for row in self.rows if "hidden" not in row]


def chromium(page: Path, fragment: str, profile: Path, *options: str) -> str:
    done = subprocess.run(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", *options, f"{page.as_uri()}#{fragment}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.fixture
def page(run: Run, worse: Run, tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(render([run, worse]), encoding="utf-8")
    return path


def test_without_a_filter_every_question_is_shown(page: Path, tmp_path: Path) -> None:
    found = Questions(chromium(page, "", tmp_path / "profile", "--dump-dom"))
    assert len(found.shown) == 14
    assert found.count == "14 of 14 questions"


def test_the_address_chooses_the_filters(page: Path, tmp_path: Path) -> None:
    fragment = urlencode({"run": 0, "stage": "right", "words": "FELL"})
    found = Questions(chromium(page, fragment, tmp_path / "profile", "--dump-dom"))
    assert [(row["data-run"], row["data-stage"]) for row in found.shown] == [("0", "right")]
    assert found.count == "1 of 14 questions"


def test_the_page_can_be_photographed(page: Path, tmp_path: Path) -> None:
    picture = tmp_path / "report.png"
    chromium(page, "", tmp_path / "profile", f"--screenshot={picture}", "--window-size=1200,1600")
    assert picture.read_bytes().startswith(b"\x89PNG")
