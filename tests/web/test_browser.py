"""The web chat as a person meets it, driven in Chromium against the real application and the real index."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.web.conftest import RunningChat, find_chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

if find_chromium() is None:
    pytest.skip("NO CHROMIUM: the web chat was not tested (apt-get install chromium)", allow_module_level=True)


RISK = "How do we agree who owns a risk when two firms work together?"
COMPARE = "What does the guidance for small firms and for large organisations each say about trust?"
OFF_TOPIC = "Who won the football?"
TABS = ("Ask", "Browse", "Our plans", "Coverage", "Workshops", "History", "Quality")
PLAN = "# Harbour plan\n\n## Who meets\n\nThe harbour group meets every second Tuesday in Oxbow House.\n"
_WAIT_MS = 120_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def new_user(browser: Browser, chat: RunningChat) -> Iterator[Callable[..., Page]]:
    """Opens the page as somebody new; what leaves the machine or breaks in the page fails the test."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def open_page(address: str = "", **options: object) -> Page:
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))  # type: ignore[arg-type]
        context.set_default_timeout(_WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: trouble.append(f"left the machine: {r.url}") if not is_local(r.url) else None)
        page.on("pageerror", lambda e: trouble.append(f"error in the page: {e}"))
        page.goto(chat.url + address)
        expect(page.locator("#question textarea")).to_be_attached(timeout=_WAIT_MS)
        page.wait_for_selector(".greeting, #current .turn", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not trouble


def is_local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:"))


def ask(page: Page, question: str, *, key: str = "") -> None:
    page.fill("#question textarea", question)
    if key:
        page.press("#question textarea", key)
    else:
        page.click("#send")
    answered(page, question)


def answered(page: Page, question: str) -> None:
    turn = page.locator('#current .turn[data-state="done"]', has=page.get_by_role("heading", name=question))
    expect(turn).to_be_visible(timeout=_WAIT_MS)


def hold_back(page: Page, pattern: str) -> tuple[list[Route], Callable[[], None]]:
    """What the page asks of the server from now on waits; the function lets pass what it asks after that."""
    held: list[Route] = []
    passing: list[bool] = []
    page.route(re.compile(pattern), lambda request: request.continue_() if passing else held.append(request))
    return held, lambda: passing.append(True)


def ask_and_hold_the_answer_back(page: Page, question: str) -> tuple[list[Route], Callable[[], None]]:
    held, let_pass = hold_back(page, "/gradio_api/queue/join")
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    expect(page.locator('#current .turn[data-state="asking"]')).to_be_visible()
    while not held:
        page.wait_for_timeout(100)
    return held, let_pass


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def panel_opens(page: Page, citation: str) -> None:
    expect(page.locator(f'#source-panel .source[data-open="{citation}"]')).to_be_visible(timeout=_WAIT_MS)


# ---- asking --------------------------------------------------------------------------------------------------


def test_a_question_is_answered_and_its_citation_opens_the_clause_with_the_words_marked(
    new_user: Callable[..., Page],
) -> None:
    page = new_user()
    ask(page, RISK)
    first = page.locator("#current .statement").first
    words = first.locator(".words").first.inner_text()
    chip = first.locator(".chip")
    citation = str(chip.get_attribute("data-clause"))
    chip.hover()
    expect(page.locator("#quote-tip")).to_contain_text(words[:40])
    chip.click()
    panel_opens(page, citation)
    expect(page.locator("#source-panel mark").first).to_contain_text(words[:40])
    expect(page.locator("#source-panel h2")).to_be_focused()
    expect(page.locator("#source-panel")).to_contain_text("Edition 2021")
    page.keyboard.press("Escape")
    expect(page.locator("#source-column")).to_be_hidden()
    expect(chip).to_be_focused()


@pytest.mark.parametrize("address", ["", "?clause=iso-44003:5.10.3.2"])
def test_a_question_asked_before_the_page_has_wholly_opened_is_answered_once(
    browser: Browser, chat: RunningChat, address: str
) -> None:
    """On a slow machine the server's replies to the opening of the page come after the first question."""
    page = browser.new_page()
    held, let_pass = hold_back(page, "/gradio_api/(run|queue/join)")
    page.goto(chat.url + address)
    expect(page.locator("#question textarea")).to_be_attached(timeout=_WAIT_MS)
    while len(held) < 4:
        page.wait_for_timeout(100)
    let_pass()
    tab(page, "Ask")
    ask(page, RISK)
    for request in held:
        request.continue_()
    page.wait_for_timeout(2000)
    answered(page, RISK)
    expect(page.get_by_role("heading", name=RISK)).to_have_count(1)
    page.close()


def test_an_address_of_a_conversation_that_is_gone_lets_a_new_one_begin(new_user: Callable[..., Page]) -> None:
    page = new_user("?c=0123456789abcdef0123456789abcdef")
    ask(page, RISK)
    expect(page.locator("#current .statement").first).to_be_visible()


def test_the_panel_stays_in_view_beside_a_long_conversation(new_user: Callable[..., Page]) -> None:
    page = new_user()
    ask(page, RISK)
    ask(page, COMPARE)
    page.locator("#current .chip").last.click()
    page.wait_for_selector("#source-panel mark")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    box = page.locator("#source-panel h2").bounding_box()
    assert box
    assert 0 <= box["y"] < 900


def test_the_panel_walks_to_the_next_clause_and_back(new_user: Callable[..., Page]) -> None:
    page = new_user("?clause=iso-44003:5.10.3.2")
    panel_opens(page, "iso-44003:5.10.3.2")
    page.locator(".step-after button").click()
    panel_opens(page, "iso-44003:5.10.3.3")
    page.locator(".step-before button").click()
    panel_opens(page, "iso-44003:5.10.3.2")


def test_a_follow_up_is_understood_from_what_was_asked_before(new_user: Callable[..., Page]) -> None:
    page = new_user()
    ask(page, "What is in ISO 44003, 5.10.3.3?")
    ask(page, "Why does it matter?")
    expect(page.locator("#earlier .turn")).to_have_count(1)
    expect(page.locator('#current .chip[data-clause^="iso-44003:5.10"]').first).to_be_visible()


def test_a_filter_narrows_the_answer_to_one_side(new_user: Callable[..., Page]) -> None:
    page = new_user()
    page.get_by_role("button", name="Narrow the search").click()
    page.get_by_label("For whom").click()
    page.get_by_role("option", name="Large organisation").click()
    page.get_by_label("Look in").click()
    page.get_by_role("option", name="Guidance only").click()
    ask(page, "How should we handle risk?")
    cited = page.locator("#current .chip").evaluate_all("chips => chips.map(c => c.dataset.clause)")
    assert cited
    assert not [c for c in cited if c.startswith(("iso-44003", "plan-"))]
    expect(page.locator("#current")).to_contain_text("Narrowed to: Large organisation")


def test_a_comparison_stands_in_two_columns(new_user: Callable[..., Page]) -> None:
    page = new_user()
    ask(page, COMPARE)
    sides = page.locator("#current .side")
    expect(sides).to_have_count(2)
    left, right = sides.nth(0).bounding_box(), sides.nth(1).bounding_box()
    assert left
    assert right
    assert right["x"] > left["x"] + left["width"] - 1


def test_a_declined_question_looks_different_and_offers_the_nearest_help(new_user: Callable[..., Page]) -> None:
    page = new_user()
    ask(page, OFF_TOPIC)
    expect(page.locator("#current .declined")).to_be_visible()
    expect(page.locator("#current .statement")).to_have_count(0)
    assert page.locator("#current .next button").count() > 0


def test_markup_in_a_question_stays_text(new_user: Callable[..., Page]) -> None:
    page = new_user()
    question = '<img src=x onerror="document.title=1"> What is trust?'
    ask(page, question)
    assert page.locator("#current img").count() == 0
    assert page.title() != "1"


def test_the_last_question_can_be_changed_and_then_takes_its_own_place(new_user: Callable[..., Page]) -> None:
    page = new_user()
    ask(page, OFF_TOPIC)
    page.get_by_role("button", name="Change the question").click()
    expect(page.locator("#question textarea")).to_have_value(OFF_TOPIC)
    ask(page, RISK)
    expect(page.locator("#earlier .turn")).to_have_count(0)
    page.get_by_role("button", name="Try again").click()
    answered(page, RISK)
    expect(page.locator("#earlier .turn")).to_have_count(0)


def test_what_is_done_while_a_question_is_being_answered_neither_loses_nor_mixes_anything(
    new_user: Callable[..., Page],
) -> None:
    page = new_user()
    ask(page, OFF_TOPIC)
    held, let_pass = ask_and_hold_the_answer_back(page, RISK)
    page.fill("#question textarea", COMPARE)
    page.press("#question textarea", "Enter")
    page.locator("#earlier").get_by_role("button", name="Not helpful").click()
    tab(page, "History")
    page.get_by_role("button", name="Open").first.click()
    page.wait_for_timeout(1500)
    tab(page, "Ask")
    expect(page.locator('#current .turn[data-state="asking"]')).to_contain_text(RISK)
    expect(page.locator("#question textarea")).to_have_value(COMPARE)
    assert len(held) == 1
    let_pass()
    held[0].continue_()
    answered(page, RISK)
    page.press("#question textarea", "Enter")
    answered(page, COMPARE)
    expect(page.locator("#earlier .question")).to_contain_text([OFF_TOPIC, RISK])
    expect(page.locator("#earlier [aria-pressed=true]")).to_have_count(0)


def test_what_has_to_wait_for_an_answer_says_so(new_user: Callable[..., Page]) -> None:
    page = new_user()
    ask(page, OFF_TOPIC)
    held, let_pass = ask_and_hold_the_answer_back(page, RISK)
    line = page.locator("#wait-line")
    expect(line).to_be_hidden()
    page.locator("#earlier").get_by_role("button", name="Not helpful").click()
    expect(line).to_be_visible()
    expect(page.locator("#announcer")).to_contain_text("still being prepared")
    expect(line).to_be_hidden(timeout=15_000)
    tab(page, "History")
    page.get_by_role("button", name="Open").first.click()
    expect(line).to_be_visible()
    let_pass()
    held[0].continue_()
    tab(page, "Ask")
    answered(page, RISK)
    expect(page.locator("#announcer")).to_contain_text("Answer ready")


def test_an_answer_is_copied_with_its_citations(new_user: Callable[..., Page]) -> None:
    page = new_user(permissions=["clipboard-read", "clipboard-write"])
    ask(page, RISK)
    page.get_by_role("button", name="Copy answer").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "[ISO 44003:2021, 5.10.3.3]" in copied


def test_a_conversation_is_saved_as_markdown(new_user: Callable[..., Page], tmp_path: Path) -> None:
    page = new_user()
    ask(page, RISK)
    with page.expect_download() as download:
        page.locator("#export").click()
    download.value.save_as(tmp_path / "saved.md")
    saved = (tmp_path / "saved.md").read_text(encoding="utf-8")
    assert f"## {RISK}" in saved
    assert "ISO 44003:2021, 5.10.3.3" in saved


# ---- addresses -----------------------------------------------------------------------------------------------


def test_an_address_with_a_question_asks_it(new_user: Callable[..., Page]) -> None:
    page = new_user("?q=What+is+joint+risk+management%3F")
    answered(page, "What is joint risk management?")


def test_an_address_with_a_clause_opens_it_also_for_somebody_else(new_user: Callable[..., Page]) -> None:
    page = new_user()
    ask(page, RISK)
    page.locator('#current .chip[data-clause="iso-44003:5.10.3.3"]').first.click()
    panel_opens(page, "iso-44003:5.10.3.3")
    expect(page).to_have_url(re.compile("clause="))
    query = page.url.partition("?")[2]
    other = new_user("?" + query)
    panel_opens(other, "iso-44003:5.10.3.3")
    expect(other.locator(".turn")).to_have_count(0)


def test_an_unknown_clause_in_an_address_is_said_to_be_unknown(new_user: Callable[..., Page]) -> None:
    page = new_user("?clause=iso-44003:9.9.9")
    expect(page.locator("#source-panel")).to_contain_text("No clause has this address")


# ---- browsing ------------------------------------------------------------------------------------------------


def test_every_cell_of_the_matrix_opens_its_clause(new_user: Callable[..., Page]) -> None:
    page = new_user()
    tab(page, "Browse")
    expect(page.locator(".matrix tbody tr")).to_have_count(12)
    page.locator('.matrix button[data-clause="iso-44003:5.10.1"]').click()
    panel_opens(page, "iso-44003:5.10.1")
    page.locator('.stages button[data-clause="iso-44001-guide:partner-selection"]').click()
    panel_opens(page, "iso-44001-guide:partner-selection")


def test_clauses_are_found_while_one_types(new_user: Callable[..., Page]) -> None:
    page = new_user()
    tab(page, "Browse")
    page.get_by_label("Find a clause").press_sequentially("5.10.3.3")
    expect(page.locator("#found button")).to_have_count(1)
    page.locator('#found button[data-clause="iso-44003:5.10.3.3"]').click()
    panel_opens(page, "iso-44003:5.10.3.3")


# ---- plans ---------------------------------------------------------------------------------------------------


def test_a_plan_is_added_asked_about_and_taken_out_without_a_restart(
    new_user: Callable[..., Page], tmp_path: Path
) -> None:
    page = new_user()
    tab(page, "Our plans")
    expect(page.locator("#plan-list")).to_contain_text("sample plans from invented organisations")
    (tmp_path / "sheet.xlsx").write_bytes(b"PK")
    file = tmp_path / "harbour.md"
    file.write_text(PLAN, encoding="utf-8")
    page.locator('#plan-upload input[type="file"]').set_input_files(file)
    expect(page.locator("#plan-preview")).to_contain_text("Who meets")
    page.click("#plan-add")
    expect(page.locator("#plan-said")).to_contain_text("Harbour plan was added", timeout=_WAIT_MS)
    expect(page.locator("#plan-list")).not_to_contain_text("Brindlewick")
    tab(page, "Ask")
    page.get_by_role("button", name="Narrow the search").click()
    page.get_by_label("Look in").click()
    page.get_by_role("option", name="Our plans only").click()
    ask(page, "When does our harbour group meet?")
    expect(page.locator("#current .from-plans")).to_contain_text("every second Tuesday")
    tab(page, "Our plans")
    page.locator("[data-erase-start]").first.click()
    page.get_by_role("button", name="Remove permanently").click()
    expect(page.locator("#plan-said")).to_contain_text("was removed", timeout=2 * _WAIT_MS)
    expect(page.locator("#plan-list")).to_contain_text("Brindlewick")


def test_a_file_that_is_no_plan_is_refused_in_a_sentence(new_user: Callable[..., Page], tmp_path: Path) -> None:
    page = new_user()
    tab(page, "Our plans")
    (tmp_path / "empty.txt").write_text(" ", encoding="utf-8")
    page.locator('#plan-upload input[type="file"]').set_input_files(tmp_path / "empty.txt")
    expect(page.locator("#plan-said .declined")).to_contain_text("empty.txt")
    expect(page.locator("#plan-preview")).to_be_hidden()


# ---- history and feedback ------------------------------------------------------------------------------------


def test_two_users_at_once_do_not_see_each_other(new_user: Callable[..., Page]) -> None:
    one, other = new_user(), new_user()
    one.fill("#question textarea", RISK)
    other.fill("#question textarea", OFF_TOPIC)
    one.click("#send")
    other.click("#send")
    answered(one, RISK)
    answered(other, OFF_TOPIC)
    tab(one, "History")
    expect(one.locator("#history-list")).to_contain_text(RISK)
    expect(one.locator("#history-list")).not_to_contain_text(OFF_TOPIC)


def test_a_thumbs_down_with_a_note_becomes_a_test_case(new_user: Callable[..., Page], chat: RunningChat) -> None:
    page = new_user()
    ask(page, RISK)
    page.get_by_role("button", name="Not helpful").click()
    page.locator(".note textarea").fill("It names no owner.")
    page.get_by_role("button", name="Send note").click()
    expect(page.locator(".note .saved")).to_contain_text("Your note has been saved")
    tab(page, "Quality")
    expect(page.locator("#review-shown")).to_contain_text("It names no owner.")
    page.get_by_label("Clauses that a correct answer cites").fill("5.10.3.3")
    page.get_by_role("option", name=re.compile("ISO 44003:2021, 5.10.3.3 ")).first.click()
    page.click("#review-save")
    expect(page.locator("#review-said")).to_contain_text("Saved as")
    lines = (chat.data_dir / "cases" / "reviewed.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-1])["expected"] == ["iso-44003:5.10.3.3"]


def test_conversations_are_renamed_searched_and_deleted(new_user: Callable[..., Page]) -> None:
    page = new_user()
    ask(page, RISK)
    tab(page, "History")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New title").fill("Kick-off")
    page.get_by_label("New title").press("Enter")
    expect(page.locator("#history-list .row-main b")).to_have_text("Kick-off")
    page.get_by_label("Search your conversations").press_sequentially("zebra")
    expect(page.locator("#history-list")).to_contain_text("No conversation contains these words")
    page.get_by_label("Search your conversations").fill("kick")
    expect(page.locator("#history-list .row-main b")).to_have_text("Kick-off")
    page.get_by_role("button", name="Delete", exact=False).first.click()
    page.get_by_role("button", name="Delete permanently").click()
    expect(page.locator("#history-list")).to_contain_text("The conversation was deleted")


# ---- everybody -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(new_user: Callable[..., Page], scheme: str) -> None:
    page = new_user(color_scheme=scheme, bypass_csp=True)
    found = serious(page, "greeting")
    ask(page, COMPARE)
    page.locator("#current .chip").first.click()
    page.wait_for_selector("#source-panel mark")
    found += serious(page, "answer and clause")
    for name in TABS[1:]:
        tab(page, name)
        page.wait_for_timeout(700)
        found += serious(page, name)
    assert not found


def serious(page: Page, where: str) -> list[str]:
    response = Axe().run(page).response
    assert response["passes"]
    return [
        f"{where}: {v['id']} {[n['html'][:120] for n in v['nodes'][:3]]}"
        for v in response["violations"]
        if v["impact"] in ("serious", "critical")
    ]


def test_a_whole_visit_needs_no_mouse(new_user: Callable[..., Page]) -> None:
    page = new_user()
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#question textarea")).to_be_focused()
    page.keyboard.type(RISK)
    page.keyboard.press("Enter")
    answered(page, RISK)
    page.locator("#theme").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#current .chip')"):
            break
    assert page.evaluate("document.activeElement.matches('#current .chip')")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    expect(page.locator("#quote-tip")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_selector("#source-panel mark")
    expect(page.locator("#source-panel h2")).to_be_focused()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('#current .chip')")


@pytest.mark.parametrize(("width", "height"), [(360, 740), (640, 450)], ids=["phone", "200 per cent zoom"])
def test_nothing_sticks_out_on_a_small_window(new_user: Callable[..., Page], width: int, height: int) -> None:
    page = new_user(viewport={"width": width, "height": height})
    ask(page, COMPARE)
    for name in TABS:
        tab(page, name)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    tab(page, "Ask")
    page.locator("#current .chip").first.click()
    page.wait_for_selector("#source-panel mark")
    box = page.locator("#source-column").bounding_box()
    assert box
    assert box["width"] <= width
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#source-column")).to_be_hidden()


def test_a_coverage_map_fits_a_phone_and_prints_whole(new_user: Callable[..., Page]) -> None:
    page = new_user(viewport={"width": 360, "height": 740})
    tab(page, "Coverage")
    page.locator("#coverage-plans input").first.check()
    page.locator("#coverage-make").click()
    page.wait_for_selector("#coverage-gaps table", timeout=120_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    row = page.locator("#coverage-gaps tbody tr").first.bounding_box()
    assert row
    assert row["width"] > 250
    closed = page.locator("#coverage-gaps details:not([open]) tbody tr").first
    expect(closed).to_be_hidden()
    page.emulate_media(media="print")
    printed = closed.bounding_box()
    assert printed
    assert printed["height"] > 10


def test_the_announcer_tells_when_the_answer_is_there(new_user: Callable[..., Page]) -> None:
    page = new_user()
    ask(page, RISK)
    expect(page.locator("#announcer")).to_contain_text("Answer ready")


def test_no_function_is_a_public_endpoint(chat: RunningChat) -> None:
    with urllib.request.urlopen(chat.url + "gradio_api/info") as response:
        described = json.load(response)
    assert described == {"named_endpoints": {}, "unnamed_endpoints": {}}


def test_the_history_is_there_after_a_restart(new_user: Callable[..., Page], chat: RunningChat) -> None:
    page = new_user()
    ask(page, RISK)
    page.get_by_role("button", name="Helpful", exact=True).click()
    expect(page.locator(".note .saved")).to_be_visible()
    chat.stop()
    chat.start()
    page.goto(chat.url)
    page.wait_for_selector(".greeting")
    tab(page, "History")
    page.get_by_role("button", name="Open").first.click()
    answered(page, RISK)
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")
    page.reload()
    answered(page, RISK)


def test_an_empty_data_folder_is_met_with_the_command_that_mends_it(
    browser: Browser, tmp_path: Path, free_chat: Callable[[Path], RunningChat]
) -> None:
    page = browser.new_page()
    page.goto(free_chat(tmp_path).url)
    expect(page.locator(".nothing-indexed")).to_contain_text("assistant index", timeout=_WAIT_MS)
    page.close()
