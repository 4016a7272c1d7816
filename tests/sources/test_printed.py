"""A text printed to PDF, Word and HTML reads back as the same blocks."""

from __future__ import annotations

import os
import random
import re
import time
from pathlib import Path

import pytest

from assistant.sources.document import Document
from assistant.sources.reading import read_bytes, read_document
from tests.sources.printing import print_all, print_pdf

_STANDARD = """
**Working with neighbours —
A guide for small workshops**

Contents

\tPage
Introduction.....\tiv
1 Scope.....\t1
5 Putting the ideas to work.....\t2
5.1 Meeting.....\t2
5.1.1 What: the idea.....\t2
Annex A\t(informative) Things to bring.....\t7

Introduction

Workshops that share a yard get on better when they talk. This guide says how, and [Annex A](#) lists
what to bring.

1 Scope

This guide is for workshops of any size, wherever they stand.

NOTE What counts as a workshop is left to the reader.

5 Putting the ideas to work

5.1 Meeting

5.1.1 What: the idea

5.1.2 How: what to do

5.1.2.1 Before the meeting

The hosts choose a day and tell the others about it in good time, with a list of what they want to talk
about, so that everybody can think it over first.

The hosts should:

- a) choose a day that suits most of the others;
- b) send the list round, with:
 - 1) the place;
 - 2) the things to bring, see 5.1.1;
   - tools;
   - paper;
- c) make tea.

NOTE Coffee will do.

- d) begin on time.

5.1.2.2 After the meeting

- write down who does what;
- send it round.

Annex A (informative)

Things to bring

Table A.1 — Things to bring

Tools\t
1\tBring the tools that you want to show to the others, and those that you want to lend to somebody for a while.
2\tBring a bag.
Paper\t
1\tBring the list.
"""


def view(document: Document) -> list[tuple[str, int, str, str]]:
    """The blocks as every form shows them: styles told apart no further than plain text can, and the
    leaders of contents entries left out."""
    return [
        (
            "paragraph" if block.kind == "heading" else block.kind,
            block.level if block.kind == "item" else 0,
            block.marker if block.kind == "item" else "",
            re.sub(r"[ .]{2,}(?=\w+$)", " ", " ".join(block.text.split())),
        )
        for block in document.blocks
    ]


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".html"])
def test_a_printed_standard_reads_back_as_its_text(suffix: str, tmp_path: Path) -> None:
    document = read_bytes(_STANDARD.encode(), "guide.txt")
    printed = read_document(print_all(document, tmp_path)[suffix])
    assert view(printed) == view(document)
    assert printed.title == document.title


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".html"])
def test_numbered_headings_are_headings_where_the_form_has_them(suffix: str, tmp_path: Path) -> None:
    printed = read_document(print_all(read_bytes(_STANDARD.encode(), "guide.txt"), tmp_path)[suffix])
    headings = [(block.level, block.text) for block in printed.blocks if block.kind == "heading"]
    assert (4, "5.1.2.1 Before the meeting") in headings
    assert (1, "1 Scope") in headings
    assert len([text for _, text in headings if text[0].isdigit()]) == 7


def test_pages_of_a_printed_standard_never_go_back(tmp_path: Path) -> None:
    printed = read_document(print_all(read_bytes(_STANDARD.encode(), "guide.txt"), tmp_path)[".pdf"])
    pages = [block.page or 0 for block in printed.blocks]
    assert pages == sorted(pages)
    assert pages[0] == 1
    assert pages[-1] == printed.pages


def test_a_pdf_of_many_pages_is_read_in_seconds(tmp_path: Path) -> None:
    chance = random.Random(7)  # text that repeats itself at the same place of pages is a running head
    words = [
        "hosts",
        "choose",
        "days",
        "and",
        "tell",
        "others",
        "in",
        "time",
        "what",
        "they",
        "bring",
        "all",
        "meet",
    ]
    sections = (
        f"5.{number} A part of the plan\n\nThe {' '.join(chance.choice(words) for _ in range(350))}."
        for number in range(1, 81)
    )
    document = read_bytes("\n\n".join(sections).encode(), "long.txt")
    path = tmp_path / "long.pdf"
    print_pdf(document, path)
    start = time.perf_counter()
    printed = read_document(path)
    per_page = (time.perf_counter() - start) / (printed.pages or 1)
    assert view(printed) == view(document)
    assert per_page < 0.6  # 200 pages in two minutes


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".html"])
@pytest.mark.parametrize("name", ["iso-44003-2021", "iso-44004-2021", "iso-44001-life-cycle"])
def test_the_licensed_texts_read_the_same_from_every_form(name: str, suffix: str, tmp_path: Path) -> None:
    folder = os.environ.get("ASSISTANT_LICENSED_DIR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("licensed texts are not here (ASSISTANT_LICENSED_DIR)")
    document = read_document(Path(folder) / f"{name}.txt")
    assert view(read_document(print_all(document, tmp_path)[suffix])) == view(document)
