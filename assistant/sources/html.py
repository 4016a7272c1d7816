"""HTML: headings, paragraphs, lists and tables as a reader of the page sees them."""

from __future__ import annotations

import re
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, PageElement, Tag

from assistant.sources.assembly import Piece, assemble, pieces_of_lines, row_piece
from assistant.sources.decoding import decode
from assistant.sources.document import Document
from assistant.sources.hiding import SKIPPED, hidden_classes, is_hidden
from assistant.sources.lines import fold

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    {"html", "body", "main", "header", "section", "article", "div", "p", "pre", "address", "blockquote", "hr"}
    | {"figure", "figcaption", "details", "summary", "fieldset", "legend", "form", "dl", "dt", "dd", "center"}
)
_MAX_COLUMNS = 1000  # the limit that the HTML standard sets for colspan
_DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)


def read_html(data: bytes, path: Path) -> Document:
    """Read an HTML page: what is hidden, navigation, footers, scripts and comments are left out.

    Raises:
        UnreadableSource: The bytes are not text.
    """
    soup = BeautifulSoup(_decoded(data, path), "html.parser")
    pieces = pieces_of_html(soup)
    title = fold(soup.title.get_text()) if soup.title else ""
    headings = (piece.text for piece in pieces if piece.kind == "heading" and piece.level == 1)
    return assemble(pieces, path=path, media="html", title=title or next(headings, ""), data=data)


def pieces_of_html(soup: BeautifulSoup) -> list[Piece]:
    """Return the pieces of a parsed page or fragment, in reading order."""
    hidden = hidden_classes("\n".join(style.get_text() for style in soup.find_all("style")))
    walk = _Walk(hidden)
    walk.children(soup)
    walk.flush()
    return walk.pieces


def _decoded(data: bytes, path: Path) -> str:
    declared = _DECLARED.search(data[:4096])
    if declared and declared.group(1).lower() in (b"iso-8859-1", b"latin1", b"windows-1252", b"iso-8859-15"):
        # Browsers read all of these as Windows-1252, whose gaps they leave to the undefined controls.
        return data.decode("cp1252", errors="ignore").replace("\r\n", "\n")
    return decode(data, path)


class _Walk:
    """Walks the tree, gathers inline words and turns them into pieces where a block ends."""

    def __init__(self, hidden: frozenset[str]) -> None:
        self.pieces: list[Piece] = []
        self._hidden = hidden
        self._words: list[str] = []
        self._references: list[str] = []
        self._markers: list[str] = []
        self._marker = ""  # of the list item whose first words are still to come
        self._verbatim = False

    def children(self, tag: Tag) -> None:
        for child in tag.children:
            self._node(child)

    def flush(self) -> None:
        """End the paragraph, item or note that the gathered words make."""
        text, references = "".join(self._words), tuple(self._references)
        self._words, self._references = [], []
        if not fold(text):
            return
        level = max(1, len(self._markers))
        for piece in pieces_of_lines(text, level=level, references=references):
            if self._marker:
                marker = piece.marker if piece.kind == "item" else self._marker
                piece = Piece("item", piece.text, level, marker, references=piece.references)
                self._marker = ""
            self.pieces.append(piece)

    def _node(self, node: PageElement) -> None:
        if isinstance(node, Tag):
            if node.name not in SKIPPED and not is_hidden(node.attrs, self._hidden):
                self._tag(node)
        elif type(node) in (NavigableString, CData):  # a comment is a subclass of NavigableString
            self._words.append(str(node) if self._verbatim else re.sub(r"\s+", " ", str(node)))

    def _tag(self, tag: Tag) -> None:
        name = tag.name
        if name == "br":
            self._words.append("\n")
        elif name in _HEADINGS:
            self._heading(tag, _HEADINGS[name])
        elif name in ("ul", "ol", "menu"):
            self.flush()
            self._list(tag)
        elif name == "table":
            self.flush()
            self._table(tag)
        elif name in _BLOCKS or name == "li":
            self._block(tag)
        else:
            before = len(self._words)
            self.children(tag)
            if name == "a" and tag.get("href") and (words := fold("".join(self._words[before:]))):
                self._references.append(words)

    def _block(self, tag: Tag) -> None:
        self.flush()
        outer, self._verbatim = self._verbatim, self._verbatim or tag.name == "pre"
        self.children(tag)
        self.flush()
        self._verbatim = outer

    def _heading(self, tag: Tag, level: int) -> None:
        self.flush()
        self.children(tag)
        text, references = fold("".join(self._words)), tuple(self._references)
        self._words, self._references = [], []
        if text:
            self.pieces.append(Piece("heading", text, level, references=references))

    def _list(self, tag: Tag) -> None:
        number = _integer(tag.get("start"), 1)
        self._markers.append("")
        for child in tag.children:
            if isinstance(child, Tag) and child.name == "li":
                number = _integer(child.get("value"), number)
                self._marker = list_marker(tag.name, str(tag.get("type") or ""), number)
                number += 1
                self._node(child)
                self._marker = ""
            else:
                self._node(child)
        self.flush()
        self._markers.pop()

    def _table(self, table: Tag) -> None:
        if table.find(["table", *_HEADINGS]):
            self._layout(table)
            return
        self._caption(table)
        carried: dict[int, tuple[int, str]] = {}
        first = True
        for row in table.find_all("tr"):
            tags = [cell for cell in row.find_all(["td", "th"]) if not is_hidden(cell.attrs, self._hidden)]
            if not is_hidden(row.attrs, self._hidden):
                header = bool(tags) and all(cell.name == "th" for cell in tags)
                cells = self._cells(tags, carried, header=header)
                piece = row_piece(cells, marker="header" if header else "first" if first else "")
                if piece:
                    self.pieces.append(piece)
                    first = False

    def _caption(self, table: Tag) -> None:
        caption = table.find("caption")
        if caption is not None and not is_hidden(caption.attrs, self._hidden):
            self.children(caption)
            self.flush()

    def _layout(self, table: Tag) -> None:
        """A table that holds headings or tables only arranges the page: its cells are read one by one."""
        for child in table.children:
            if isinstance(child, Tag) and child.name in ("tbody", "thead", "tfoot", "tr"):
                self._layout(child)
            else:
                self.flush()
                self._node(child)
        self.flush()

    def _cells(self, tags: list[Tag], carried: dict[int, tuple[int, str]], *, header: bool) -> list[str]:
        """Return the words of a row, one entry a column.

        A cell that spans rows stands in each, a cell of a header also in every column that it spans.
        """
        cells: list[str] = []
        for tag in tags:
            self._take_carried(cells, carried)
            inner = _Walk(self._hidden)
            inner.children(tag)
            inner.flush()
            words = " ".join(f"{piece.marker} {piece.text}".strip() for piece in inner.pieces)
            rows = _integer(tag.get("rowspan"), 1)
            # A row that is one cell only names what stands below it.
            columns = min(max(_integer(tag.get("colspan"), 1), 1), _MAX_COLUMNS) if carried or len(tags) > 1 else 1
            for column in range(columns):
                shown = words if header or not column else ""
                if rows > 1:
                    carried[len(cells)] = (rows - 1, shown)
                cells.append(shown)
        self._take_carried(cells, carried)
        return cells

    @staticmethod
    def _take_carried(cells: list[str], carried: dict[int, tuple[int, str]]) -> None:
        while (place := len(cells)) in carried:
            left, words = carried.pop(place)
            cells.append(words)
            if left > 1:
                carried[place] = (left - 1, words)
                # The cell was taken for this row; look on from the next column.
                continue


def list_marker(name: str, kind: str, number: int) -> str:
    """Return the marker of an HTML list item: "-" in a bullet list, else "1.", or "a)" for lettered ones."""
    if name != "ol":
        return "-"
    if kind in ("a", "A") and 1 <= number <= 26:
        return chr(ord("a") + number - 1) + ")"
    if kind in ("i", "I") and 1 <= number <= 20:
        tens, ones = divmod(number, 10)
        return "x" * tens + ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"][ones] + ")"
    return f"{number}."


def _integer(value: object, default: int) -> int:
    text = str(value or "")
    return int(text) if re.fullmatch(r"-?\d{1,6}", text) else default
