"""The words of the interface: every text that is used exists, every text is used, and none of them is markup."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from bs4 import BeautifulSoup

from assistant.answering.answer import GapReason
from assistant.answering.assistant import GuidanceAssistant
from assistant.conversations import Conversations
from assistant.coverage.decisions import Kind
from assistant.coverage.statuses import STATUSES
from assistant.errors import SettingsError
from assistant.sources.manifest import Rendition
from assistant.web import app, quality, rendering
from assistant.web.context import WebContext
from assistant.web.texts import Texts, read_texts, static_text

WEB = Path(app.__file__).parent
OWN = {
    "coverage_text.toml": [WEB / "coverage_tab.py", WEB / "coverage_view.py"],
    "workshop_text.toml": [WEB / "workshop_tab.py"],
}
CODE = {"text.toml": sorted(set(WEB.glob("*.py")) - {f for files in OWN.values() for f in files}), **OWN}
# Keys that the code puts together, and what it fills in.
FILLED: dict[str, dict[str, Any]] = {
    "text.toml": {
        "answer.{}": [key for _, name in rendering._SECTIONS for key in (name, f"{name}_source")],
        "answer.gap_{}": get_args(GapReason),
        "browse.{}": ("what", "why", "how"),
        "filters.{}": ("audience", "principle", "facet", "scope"),
        "filters.audience_{}": ("any", "msme", "large"),
        "filters.facet_{}": ("any", "what", "why", "how"),
        "filters.scope_{}": ("all", "guidance", "plans"),
        "quality.{}": ("run", "when", "cases", "right", *quality._FIGURES, "report"),
        "source.{}": (*get_args(Rendition), "heading_only", "not_held", "withheld", "before", "parent", "after"),
        "source.show_{}": get_args(Rendition),
        "tabs.{}": [key for key, _ in app.EXTRA_TABS],
    },
    "coverage_text.toml": {"size_{}": ("msme", "large", "both"), "priority_{}": (1, 2, 3)},
    "workshop_text.toml": {"audience_{}": ("msme", "large", "both"), "level_{}": ("introduction", "practice")},
}
# Keys that stand in no call because a loop or a finding names them.
NAMED_ELSEWHERE = {"coverage_text.toml": {*STATUSES, *get_args(Kind), "citation", "status", "next_step"}}


def keys_of(values: Mapping[str, Any], section: str = "") -> Iterator[str]:
    """Every key of a catalogue; a text for one and many is one key."""
    for name, value in values.items():
        if isinstance(value, dict) and set(value) != {"one", "many"}:
            yield from keys_of(value, f"{section}{name}.")
        else:
            yield section + name


def calls(file: Path) -> Iterator[ast.expr]:
    """What stands in the place of the key wherever the code asks for a text."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            asked = node.func
            if isinstance(asked, ast.Attribute) and asked.attr in ("count", "table"):
                asked = asked.value
            name = asked.id if isinstance(asked, ast.Name) else asked.attr if isinstance(asked, ast.Attribute) else ""
            if name in ("texts", "_texts", "words", "_words"):
                yield node.args[0]


def constants(node: ast.AST) -> set[str]:
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def put_together(key: ast.expr) -> str:
    """A key with {} for what is filled in, "" for one that is not put together."""
    if not isinstance(key, ast.JoinedStr):
        return ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in key.values)


@pytest.mark.parametrize("catalogue", CODE)
def test_every_text_is_used_and_every_text_that_is_used_exists(catalogue: str) -> None:
    keys = set(keys_of(read_texts(catalogue)._values))
    asked = [key for file in CODE[catalogue] for key in calls(file)]
    assert {p for key in asked if (p := put_together(key))} == set(FILLED[catalogue])
    used = {p.format(word) for p, filled in FILLED[catalogue].items() for word in filled}
    used |= NAMED_ELSEWHERE.get(catalogue, set())
    named = {word for key in asked if not isinstance(key, ast.JoinedStr) for word in constants(key)}
    if catalogue == "text.toml":  # its keys have a dot; some are handed on before they are asked for
        used |= {word for word in named if "." in word}
        trees = (ast.parse(file.read_text(encoding="utf-8")) for file in CODE[catalogue])
        used |= {word for tree in trees for word in constants(tree)} & keys
    else:
        used |= named
    assert used - keys == set(), "not in the catalogue"
    assert keys - used == set(), "used nowhere"


def test_the_page_is_given_the_words_that_it_says_itself(guidance: GuidanceAssistant) -> None:
    context = WebContext(guidance, read_texts(), Conversations("sqlite://"))
    head = BeautifulSoup(app._head_html(context), "html.parser").select_one("[data-words]")
    assert head is not None
    said = set(re.findall(r"\bwords\.(\w+)", static_text("page.js")))
    assert said == set(json.loads(str(head["data-words"])))


def test_a_missing_text_names_its_key_and_its_file() -> None:
    with pytest.raises(SettingsError, match=r"/text\.toml: no text 'ask\.nothing'"):
        Texts({"ask": {}})("ask.nothing")
    with pytest.raises(SettingsError, match=r"/coverage_text\.toml: no text 'nothing'"):
        read_texts("coverage_text.toml")("nothing")


@pytest.mark.parametrize("catalogue", CODE)
def test_texts_that_are_escaped_only_once_hold_no_markup(catalogue: str) -> None:
    def walk(value: Any) -> None:
        if isinstance(value, dict | list):
            for inner in value.values() if isinstance(value, dict) else value:
                walk(inner)
        else:
            assert not re.search(r"<[a-zA-Z/]", str(value)), value

    walk(read_texts(catalogue)._values)
