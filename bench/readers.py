"""Scores the readers on real documents that nobody here wrote.

    python bench/readers.py ../shared/benchmarks/documents

What must be found is taken from the files by other means than the readers' own: the Word file's raw XML,
the Markdown source by pattern, the PDFs' outline and text through another library (pypdf). Exit code 1
where a figure is under its target, 2 where the folder is missing.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from pypdf import PdfReader

from assistant.sources.document import Document
from assistant.sources.reading import read_document

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_REQUIREMENT = re.compile(r"V\d+\.\d+")
_PDF_REQUIREMENT = re.compile(r"^\s*([VL]\d+[AB]?\.\d+|R\d+\.\d+)\b", re.MULTILINE)
_NUMBERED_HEADING = re.compile(r"^ {0,3}#{1,6}\s+((?:\d+|[A-Z]\.\d+)(?:\.\d+)*)\.?\s+(.+?)\s*#*$", re.MULTILINE)


@dataclass(frozen=True)
class Score:
    """How many of the expected things were found; `target` is the least share, None where none is set."""

    document: str
    what: str
    found: int
    expected: int
    target: float | None = None
    seconds: float = 0.0
    missing: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Found of expected, from 0 to 1."""
        return self.found / self.expected if self.expected else 0.0

    @property
    def is_met(self) -> bool:
        """Whether the target is reached, or none is set."""
        return self.target is None or self.share >= self.target


def score_all(folder: Path) -> list[Score]:
    """Score every document of the folder that there is a check for."""
    checks: dict[str, Callable[[Path], Iterable[Score]]] = {
        "asvs-2.0.docx": score_word_requirements,
        "nist-800-63b": score_markdown_headings,
        "18f-derisking-guide.pdf": score_outline,
        "asvs-1.0.pdf": score_pdf_requirements,
    }
    return [score for name, check in checks.items() if (folder / name).exists() for score in check(folder / name)]


def score_word_requirements(path: Path) -> Iterator[Score]:
    """ASVS 2.0: each requirement's id and exact text in the cells of one row."""
    document, seconds = _timed(path)
    rows = {block.cells[0]: block.cells for block in document.blocks if block.cells}
    expected = dict(_word_rows(path))
    # The ten requirements V6.x are ids without a text: for them the row alone is looked for.
    missing = [
        number for number, text in expected.items() if number not in rows or (text and text not in rows[number][1:])
    ]
    found = len(expected) - len(missing)
    yield Score(path.name, "ids with exact text", found, len(expected), 0.98, seconds, tuple(missing))


def score_markdown_headings(folder: Path) -> Iterator[Score]:
    """NIST SP 800-63B: each numbered heading with its title and its level."""
    missing: list[str] = []
    total, seconds = 0, 0.0
    for path in sorted(folder.glob("*.md")):
        source = re.sub(r"<[^>]*>", "", path.read_text(encoding="utf-8"))
        expected = [_plain(" ".join(found)) for found in _NUMBERED_HEADING.findall(source)]
        document, taken = _timed(path)
        headings = [block.text for block in document.blocks if block.kind == "heading"]
        missing += [title for title in expected if title not in headings]
        total, seconds = total + len(expected), seconds + taken
    yield Score(folder.name, "numbered headings", total - len(missing), total, 1.0, seconds, tuple(missing))


def score_outline(path: Path) -> Iterator[Score]:
    """18F guide: each entry of the PDF's outline as a heading, and as a heading on its page."""
    document, seconds = _timed(path)
    headings: dict[str, set[int | None]] = {}
    for block in document.blocks:
        if block.kind == "heading":
            headings.setdefault(_letters(block.text), set()).add(block.page)
    entries = list(_outline(PdfReader(path)))
    missing = [title for title, _ in entries if _letters(title) not in headings]
    placed = [title for title, page in entries if page in headings.get(_letters(title), ())]
    yield Score(
        path.name,
        "outline headings",
        len(entries) - len(missing),
        len(entries),
        None,
        seconds,
        tuple(missing),
    )
    yield Score(path.name, "  on the right page", len(placed), len(entries))


def score_pdf_requirements(path: Path) -> Iterator[Score]:
    """ASVS 1.0: each requirement id at the start of a block, its page, and its words in that block."""
    document, seconds = _timed(path)
    blocks = {found.group(1): block for block in document.blocks if (found := _PDF_REQUIREMENT.match(block.text))}
    pages = [page.extract_text() for page in PdfReader(path).pages]
    expected = {name: page for page, text in enumerate(pages, 1) for name in _PDF_REQUIREMENT.findall(text)}
    missing = tuple(name for name in expected if name not in blocks)
    placed = sum(1 for name, page in expected.items() if name in blocks and blocks[name].page == page)
    whole = sum(1 for name in expected if name in blocks and blocks[name].text.rstrip().endswith((".", ":", ")")))
    yield Score(path.name, "requirement ids", len(expected) - len(missing), len(expected), None, seconds, missing)
    yield Score(path.name, "  on the right page", placed, len(expected))
    yield Score(path.name, "  whole to the full stop", whole, len(expected))
    titles = set(re.findall(r"^\s*([VR]\d+ – [A-Z][^.\n]+?)\s*$", "\n".join(pages), re.MULTILINE))
    headings = {_letters(block.text) for block in document.blocks if block.kind == "heading"}
    lost = tuple(sorted(title for title in titles if _letters(title) not in headings))
    yield Score(path.name, "section headings", len(titles) - len(lost), len(titles), missing=lost)


def _timed(path: Path) -> tuple[Document, float]:
    start = time.perf_counter()
    document = read_document(path)
    return document, time.perf_counter() - start


def _word_rows(path: Path) -> Iterator[tuple[str, str]]:
    root = ElementTree.fromstring(zipfile.ZipFile(path).read("word/document.xml"))
    for row in root.iter(f"{_WORD}tr"):
        cells = [_cell_text(cell) for cell in row.findall(f"{_WORD}tc")]
        if cells and _REQUIREMENT.fullmatch(cells[0]):
            yield cells[0], max(cells[1:], key=len)


def _cell_text(cell: ElementTree.Element) -> str:
    words: list[str] = []
    for element in cell.iter():
        if element.tag == f"{_WORD}t":
            words.append(element.text or "")
        elif element.tag in (f"{_WORD}p", f"{_WORD}br", f"{_WORD}tab"):
            words.append(" ")
    return " ".join("".join(words).split())


def _outline(reader: PdfReader) -> Iterator[tuple[str, int]]:
    def walk(entries: list[Any]) -> Iterator[tuple[str, int]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry)
            else:
                page = reader.get_destination_page_number(entry)
                yield str(entry.title), -1 if page is None else page + 1

    return walk(reader.outline)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[*_`]", "", text).split())


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description="Score the readers on real documents.")
    parser.add_argument("folder", type=Path, nargs="?", help="folder with the documents")
    parser.add_argument("--missing", action="store_true", help="list what was not found")
    arguments = parser.parse_args()
    base = os.environ.get("ASSISTANT_BENCHMARKS_DIR")
    folder = arguments.folder or (Path(base) if base else None)
    if folder is not None and not any(folder.glob("*.docx")) and (folder / "documents").is_dir():
        folder = folder / "documents"
    if folder is None or not folder.is_dir():
        sys.stderr.write("name the folder of the documents, or set ASSISTANT_BENCHMARKS_DIR to it\n")
        return 2
    scores = score_all(folder)
    print(f"{'document':<26}{'what':<26}{'found':>7}{'of':>6}{'share':>9}{'target':>9}{'seconds':>9}")
    for score in scores:
        target = f"{score.target:.0%}" if score.target is not None else "-"
        took = f"{score.seconds:.1f}" if score.seconds else ""
        counts = f"{score.found:>7}{score.expected:>6}{score.share:>9.1%}"
        print(f"{score.document:<26}{score.what:<26}{counts}{target:>9}{took:>9}")
        if arguments.missing and score.missing:
            print("    " + "; ".join(score.missing))
    return 0 if scores and all(score.is_met for score in scores) else 1


if __name__ == "__main__":
    sys.exit(main())
