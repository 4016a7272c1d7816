"""Real documents by others: no word of them is lost on the way into clauses."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.clauses.builder import plan_sections
from assistant.clauses.outline import contents_entries, tidy_blocks
from assistant.clauses.tree import build_tree
from assistant.sources.reading import read_document
from tests import skips
from tests.clauses.trees import letters

_DOCUMENTS = ("nist-800-63b/sec4_aal.md", "nist-800-63b/sec5_authenticators.md", "asvs-2.0.docx", "asvs-1.0.pdf")


@pytest.mark.parametrize("name", _DOCUMENTS)
def test_every_block_outside_the_contents_page_stands_in_a_clause(name: str) -> None:
    path = skips.folder_or_skip("ASSISTANT_BENCHMARKS_DIR", skips.BENCHMARKS) / "documents" / Path(name)
    document = read_document(path)
    clauses = build_tree(plan_sections(document), "plan-x", "plan", slugs=True)
    held = letters("\n".join(f"{c.number}{c.heading}\n{c.text}" for c in clauses))
    blocks = tidy_blocks(document)
    _, contents = contents_entries(document, blocks)
    # A header names its columns; over one that is empty throughout it stands nowhere.
    blocks = [b for i, b in enumerate(blocks) if i not in contents and b.marker != "header"]
    words = [words for b in blocks for words in (b.cells or (b.text,))]
    assert [w for w in words if letters(w) not in held and letters(w) != letters(document.title)] == []
