from __future__ import annotations

import re
from html.parser import HTMLParser

from retrieval.evaluation.report import render
from retrieval.evaluation.runs import Run

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)> &amp;"


class Page(HTMLParser):
    """Tags with their attributes, and all text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] not in ("script", "style"):
            self.words.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def hostile(run: Run) -> Run:
    """The run with hostile words wherever words come from outside."""

    def spoil(text: str) -> str:
        return f"{text} {HOSTILE}"

    outcomes = tuple(
        o.model_copy(
            update={
                "id": spoil(o.id),
                "text": spoil(o.text),
                "kind": spoil(o.kind),
                "history": (HOSTILE,),
                "resolved": HOSTILE,
                "gold": (HOSTILE,),
                "relevant": (HOSTILE,),
                "reason": HOSTILE,
                "quotes": tuple(q.model_copy(update={"text": HOSTILE, "title": HOSTILE}) for q in o.quotes),
                "passages": tuple(p.model_copy(update={"text": HOSTILE, "article": HOSTILE}) for p in o.passages),
            }
        )
        for o in run.outcomes
    )
    about = run.about.model_copy(update={"name": HOSTILE, "dataset": HOSTILE, "label": HOSTILE})
    return run._replace(about=about, outcomes=outcomes)


def test_the_page_loads_nothing_from_elsewhere(run: Run) -> None:
    page = Page(render([run]))
    for tag, attributes in page.tags:
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:")), (tag, attributes)
    assert "@import" not in render([run])


def test_words_from_outside_never_become_markup(run: Run) -> None:
    calm, wild = Page(render([run])), Page(render([hostile(run)]))
    assert wild.count("script") == calm.count("script") == 1
    assert wild.count("img") == 0
    assert not any(name.startswith("on") for _, attributes in wild.tags for name in attributes)
    assert sum(HOSTILE in words for words in wild.words) > 20


def test_every_question_has_its_row_with_stage_and_kind(run: Run) -> None:
    rows = [attributes for tag, attributes in Page(render([run])).tags if attributes.get("class") == "question"]
    assert [(row["data-stage"], row["data-kind"]) for row in rows] == [(o.stage.value, o.kind) for o in run.outcomes]


def test_two_runs_are_shown_side_by_side_with_a_test(run: Run, worse: Run) -> None:
    html = render([run, worse])
    assert html.count('<tbody class="question"') == len(run.outcomes) + len(worse.outcomes)
    assert re.search(r"-0\.800, p 0\.\d{3}", html)
    assert html.count("<polyline") == 2


def test_runs_of_different_questions_share_a_page_untested(run: Run) -> None:
    assert ", p 0." not in render([run, run._replace(outcomes=run.outcomes[:4])])


def test_a_measure_that_one_run_does_not_define_is_untested(run: Run, bold: Run) -> None:
    assert "refusal precision" in render([bold, run])
    assert not re.search(r"\bnan\b", render([bold, run]) + render([run, bold]))


def test_a_run_without_judged_confidence_has_no_curve(run: Run) -> None:
    bare = tuple(o.model_copy(update={"values": {"ms": 1.0}}) for o in run.outcomes)
    html = render([run._replace(outcomes=bare)])
    assert "<polyline" not in html
    assert "Reliability" not in html
