"""The HTML report: one file, no network, well-formed, within the licence, with a section a case."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from assistant.evals.aggregate import risk_coverage
from assistant.evals.case import Case
from assistant.evals.compare import compare_runs
from assistant.evals.plots import histogram_bins, histogram_svg, risk_coverage_svg
from assistant.evals.quoting import QuoteAllowance
from assistant.evals.report_html import render_html
from assistant.evals.report_markdown import render_run

from .scripted import ScriptedCatalog, make_answer
from .test_compare import CASES, RISK, WRONG, make_run, worse_on

_VOID = {"meta", "input", "br", "link", "img"}


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.headings: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in _VOID:
            self.open.append(tag)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if tag == "a" else []
        self.loads += [f"{tag} {values[k]}" for k in ("src", "srcset", "data", "action") if k in values]
        self.loads += [f"{tag} {values.get('href')}"] if tag in ("link", "use", "image") else []
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes the wrong element"


@pytest.fixture(scope="module")
def compared() -> str:
    base, new = make_run("base"), make_run("new", worse_on("c000", "c001", "c002", "c003", "c004", "c005"))
    return render_html(new, compare_runs(base, new), catalog=ScriptedCatalog())


def test_the_page_loads_nothing_and_forbids_it(compared: str) -> None:
    page = _Page(compared)
    assert page.loads == []
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|https?://", compared)
    assert "default-src 'none'" in compared


def test_the_page_is_well_formed_and_every_anchor_leads_somewhere(compared: str) -> None:
    page = _Page(compared)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert sum(i.startswith("case-") and not i.endswith("-h") for i in page.ids) == len(CASES)


def test_headings_go_down_one_level_at_a_time(compared: str) -> None:
    levels = _Page(compared).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_the_page_knows_its_language_and_both_colour_schemes(compared: str) -> None:
    assert '<html lang="en">' in compared
    assert "prefers-color-scheme: dark" in compared
    assert "color-scheme: light dark" in compared


def test_plots_are_named_images_that_parse(compared: str) -> None:
    plots = re.findall(r"<svg.*?</svg>", compared, flags=re.DOTALL)
    assert len(plots) == 4
    for plot in plots:
        root = ElementTree.fromstring(plot)
        assert root.get("role") == "img"
        assert root.get("aria-label")


def test_a_failed_case_tells_question_answer_expected_and_why(compared: str) -> None:
    section = compared.split('id="case-c000"')[1].split("</article>")[0]
    assert "question 0" in section
    assert "Agree together who watches which risk." in section
    assert "Joint risk management" in section
    assert "(must be cited)" in section
    assert "not expected" in section
    assert "Cites none of the expected clauses." in section


def test_flips_stand_side_by_side(compared: str) -> None:
    flips = compared.split('id="flips"')[1].split('id="plots"')[0]
    assert flips.count("Worse:") == 6
    assert "<h4>Base</h4>" in flips


def test_markup_in_questions_and_answers_stays_text() -> None:
    evil = "<script>alert(1)</script>\"'&"
    case = Case("<b>id</b>", evil, (RISK,), principle=evil, facet="how", history=(evil,))
    html = render_html(make_run(evil, lambda c: make_answer(RISK, text=evil), cases=[case]))
    assert "<script>alert" not in html
    assert "<b>id" not in html
    assert _Page(html).open == []


def test_licensed_words_stay_within_the_budget_of_the_report() -> None:
    words = "alpha bravo charlie delta echo foxtrot golf hotel"

    def quoting(case: Case) -> dict[str, object]:
        return make_answer(*case.expected, text=words, rendition="licensed", verbatim=True)

    run = make_run("new", quoting, cases=CASES[:5])
    assert "alpha" not in render_html(run)
    assert "left out" in render_html(run)
    shown = render_html(run, quote_words={"iso-44003": 11})
    assert shown.count("alpha bravo charlie") == 2
    assert shown.count("hotel") == 1
    assert "trimmed" in shown
    compared = render_html(
        run,
        compare_runs(make_run("base", worse_on("c000"), cases=CASES[:5]), run),
        quote_words={"iso-44003": 8},
    )
    assert compared.count("alpha") == 1


def test_losses_get_the_quotes_first() -> None:
    allowance = QuoteAllowance({"iso-44003": 3})
    statement = make_answer(RISK, text="one two three", rendition="licensed")["statements"][0]
    assert allowance.show(statement) == "one two three"
    assert allowance.show(statement).startswith("[left out")
    assert allowance.show(make_answer(RISK, text="own words")["statements"][0]) == "own words"
    assert allowance.trimmed == 1


def test_a_report_counts_words_as_the_licence_does() -> None:
    statement = make_answer(RISK, text="a long-term and well-known plan", rendition="licensed")["statements"][0]
    assert QuoteAllowance({"iso-44003": 5}).show(statement) == "a long-term and well-known plan"
    assert QuoteAllowance({"iso-44003": 2}).show(statement).startswith("a long-term … [trimmed")


def test_a_run_with_nothing_scored_still_makes_a_page() -> None:
    html = render_html(make_run("new", lambda c: None, cases=CASES[:2]))
    assert "2 could not be scored" in html
    assert _Page(html).open == []
    assert "2 could not be scored" in render_run(make_run("new", lambda c: None, cases=CASES[:2]))


def test_the_run_report_in_markdown_lists_wrong_answers_without_their_words() -> None:
    text = render_run(make_run("new", worse_on("c000")))
    assert "1 wrong answer</summary>" in text
    assert "Agree together" not in text


def test_plots_take_empty_and_equal_values() -> None:
    assert histogram_bins([]) == []
    assert sum(n for _, _, n in histogram_bins([0.0, 0.0])) == 2
    assert "<svg" in histogram_svg([])
    assert "<svg" in risk_coverage_svg(risk_coverage([]))


def test_wrong_is_named_where_it_is_cited() -> None:
    html = render_html(make_run("new", lambda c: make_answer(WRONG), cases=CASES[:1]))
    assert WRONG in html
