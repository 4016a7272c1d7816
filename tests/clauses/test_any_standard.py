"""Any numbered standard, and any plan, that can be thought up renders to text and parses back."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clauses.trees import plan, standard

_VOCABULARY = (
    "agree before both build care clear each early every find fully give goals good help honest keep know later lend"
    " listen local meet mend more often open partner people plan quiet ready review risk roof safe say share small"
    " steady task team tell time tool trade trust use value watch work year yard 12 5.3 e.g. MSME"
)
_WORDS = _VOCABULARY.split()


@dataclass(frozen=True)
class _Section:
    """A clause as it was thought up: what is expected of the parser."""

    number: str
    heading: str
    lines: tuple[str, ...] = ()
    items: tuple[tuple[str, str], ...] = ()
    children: tuple[_Section, ...] = field(default=())


_phrase = st.lists(st.sampled_from(_WORDS), min_size=2, max_size=7).map(" ".join)
_heading = st.lists(st.sampled_from([w for w in _WORDS if w.isalpha() and w.islower()]), min_size=1, max_size=5).map(
    lambda words: " ".join(words).capitalize()
)
_sentence = st.lists(st.sampled_from(_WORDS), min_size=4, max_size=30).map(lambda w: "Then " + " ".join(w) + " it.")
_paragraphs = st.lists(_sentence, max_size=3).map(tuple)
_bullets = st.lists(_phrase, min_size=1, max_size=5).map(
    lambda ts: tuple((f"#{i}", t + ";") for i, t in enumerate(ts, 1))
)
_letters = st.lists(_phrase, min_size=1, max_size=7).map(
    lambda ts: tuple((f"{chr(96 + i)})", t + ";") for i, t in enumerate(ts, 1))
)


@st.composite
def _nested(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    items: list[tuple[str, str]] = []
    for name, text in draw(_letters):
        items.append((name, text))
        below = draw(st.lists(_phrase, max_size=3))
        if below:
            items[-1] = (name, text[:-1] + ":")
            items += [(f"{name} {n})", t + ";") for n, t in enumerate(below, 1)]
    return tuple(items)


@st.composite
def _sections(draw: st.DrawFn, prefix: str = "", depth: int = 1) -> tuple[_Section, ...]:
    found = []
    for n in range(1, draw(st.integers(1, 3 if depth > 1 else 4)) + 1):
        number = f"{prefix}{n}"
        lines = draw(_paragraphs)
        items = draw(st.one_of(st.just(()), _bullets, _letters, _nested())) if lines else ()
        children = draw(_sections(f"{number}.", depth + 1)) if depth < 4 and draw(st.booleans()) else ()
        found.append(_Section(number, draw(_heading), lines, items, children))
    return tuple(found)


def _flat(sections: tuple[_Section, ...]) -> list[_Section]:
    return [each for s in sections for each in (s, *_flat(s.children))]


def _item_line(name: str, text: str) -> str:
    if name.startswith("#"):
        return f"- {text}"
    return f"{' ' if ' ' in name else ''}- {name.split()[-1]} {text}"


def _render(sections: list[_Section], contents: bool) -> str:
    parts: list[str] = []
    if contents:
        entries = "\n".join(
            f"{s.number} {s.heading}.....\t{i}" for i, s in enumerate(sections, 1) if s.number.count(".") < 3
        )
        parts.append(f"Contents\n\n\tPage\n{entries}\n9 Kept elsewhere.....\t9")
    for s in sections:
        parts += [f"{s.number} {s.heading}", *s.lines]
        if s.items:
            parts += ["They should:", "\n".join(_item_line(*item) for item in s.items)]
    return "\n\n".join(parts) + "\n"


def _text(section: _Section) -> str:
    lines = list(section.lines)
    if section.items:
        lines.append("They should:")
        lines += [f"- {t}" if name.startswith("#") else f"{name.split()[-1]} {t}" for name, t in section.items]
    return "\n".join(lines)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_sections(), st.booleans())
def test_any_numbered_standard_renders_to_text_and_parses_back(sections: tuple[_Section, ...], contents: bool) -> None:
    expected = _flat(sections)
    clauses = standard(_render(expected, contents))
    found = [(c.number, c.heading, c.text) for c in clauses if c.kind == "clause" and c.held]
    assert found == [(s.number, s.heading, _text(s)) for s in expected]
    items = [(c.locator, c.text.split("\n")[0]) for c in clauses if c.kind == "item"]
    assert items == [(f"{s.number} {name}", text) for s in expected for name, text in s.items]
    assert [c.locator for c in clauses if not c.held] == (["9"] if contents else [])
    for clause in clauses:
        assert "\n".join(clause.text[p.start : p.end] for p in clause.parts) == clause.text
        upper = clause.number.rpartition(".")[0]
        assert clause.kind == "item" or clause.parent == (f"x:{upper}" if upper else None)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(2, 4), _heading, _paragraphs), min_size=1, max_size=8))
def test_any_plan_renders_to_markdown_and_parses_back(sections: list[tuple[int, str, tuple[str, ...]]]) -> None:
    parts = ["# The plan of the yard"]
    for level, heading, lines in sections:
        parts += [f"{'#' * level} {heading}", *lines]
    clauses = plan("\n\n".join(parts) + "\n")
    found = [(c.heading, c.text) for c in clauses]
    assert found == [("The plan of the yard", ""), *((h, "\n".join(lines)) for _, h, lines in sections)]
    assert len({c.citation_id for c in clauses}) == len(clauses)
    assert plan("\n\n".join(parts) + "\n") == clauses
