"""Markdown, by markdown-it: headings, lists to any depth, tables, notes and the HTML that people mix in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from assistant.sources.assembly import Piece, pieces_of_lines, row_piece
from assistant.sources.decoding import decode
from assistant.sources.document import Block, Document
from assistant.sources.hiding import OpenTags, unclosed_tags
from assistant.sources.html import pieces_of_html
from assistant.sources.lines import fold, visible

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# YAML between two rules: keys with values, indented lines, list items and comments. Other words between two rules are
# text, and so is what a heading or a blank line opens.
_KEY = r"[\"']?[\w.-]+[\"']?[ \t]*:(?:[ \t][^\n]*)?\n"
_FRONT_MATTER = re.compile(
    rf"---[ \t]*\n({_KEY}(?:{_KEY}|[ \t]+[^\n]*\n|-[ \t][^\n]*\n|#(?!#)[^\n]*\n|\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|$)"
)
_STAND_INS = [chr(code) for code in range(0xFDD0, 0xFDF0)]  # never letters of any text, by the Unicode standard
_TITLE_KEY = re.compile(r"^title\s*:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)


def read_markdown(data: bytes, path: Path) -> Document:
    """Read a Markdown file.

    The document's text is the source without comments, front matter and invisible characters; a block's
    span covers its source lines.

    Raises:
        UnreadableSource: The bytes are not text.
    """
    text = _COMMENT.sub("", visible(decode(data, path)))
    front = _FRONT_MATTER.match(text)
    title = ""
    if front:
        named = _TITLE_KEY.search(front.group(1))
        title = named.group(1) if named else ""
        text = text[front.end() :]
    blocks = tuple(_Reading(text).blocks())
    first = next((block.text for block in blocks if block.kind == "heading"), "")
    sha256 = hashlib.sha256(data).hexdigest()
    return Document(path, "markdown", title or first or path.stem, text, blocks, sha256)


@dataclass
class _Words:
    text: str
    references: tuple[str, ...]


class _Reading:
    """One pass over the syntax tree of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._stand_in = next((sign for sign in _STAND_INS if sign not in text), "")
        self._tags = OpenTags()
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text)), len(text)]
        parser = MarkdownIt("commonmark", {"maxNesting": 60}).enable("table")
        self._tree = SyntaxTreeNode(parser.parse(self._with_placeholders(text)))

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks in reading order."""
        yield from self._children(self._tree, 0)

    def _with_placeholders(self, text: str) -> str:
        """Return the text with another sign for the "<" of what looks like a tag but is a placeholder.

        CommonMark would read it as HTML. The sign has the same length, so that offsets stay, and `_placed`
        puts the "<" back.
        """
        signs = list(text)
        for place in unclosed_tags(text) if self._stand_in else ():
            signs[place] = self._stand_in
        return "".join(signs)

    def _shown(self, words: str) -> str:
        return words.replace(self._stand_in, "<") if self._stand_in else words

    def _children(self, node: SyntaxTreeNode, depth: int) -> Iterator[Block]:
        for child in node.children:
            yield from self._node(child, depth)

    def _node(self, node: SyntaxTreeNode, depth: int) -> Iterator[Block]:
        if node.type == "html_block":
            yield from self._html(node)
        elif node.type in ("bullet_list", "ordered_list"):
            for place, item in enumerate(node.children):
                yield from self._item(item, _list_marker(node, item, place), depth + 1)
        elif node.type == "table":
            yield from self._table(node)
        elif node.type == "heading":
            words = self._words(node)
            piece = Piece("heading", fold(words.text), int(node.tag[1]), references=words.references)
            yield from self._placed([piece] if piece.text else [], node)
        elif node.type == "paragraph":
            words = self._words(node)
            pieces = pieces_of_lines(words.text, level=max(1, depth), references=words.references)
            yield from self._placed(list(pieces), node)
        elif node.type in ("fence", "code_block"):
            if not self._tags.hide and fold(node.content):
                yield from self._placed([Piece("paragraph", fold(node.content))], node)
        else:
            yield from self._children(node, depth)

    def _item(self, item: SyntaxTreeNode, marker: str, level: int) -> Iterator[Block]:
        children = list(item.children)
        if children and children[0].type == "paragraph":
            words = self._words(children[0])
            pieces = list(pieces_of_lines(words.text, level=level, references=words.references))
            if pieces and pieces[0].kind != "item":
                first = pieces[0]
                pieces[0] = Piece("item", first.text, level, marker, references=first.references)
            yield from self._placed(pieces, children[0])
            children = children[1:]
        elif children and children[0].type in ("ordered_list", "bullet_list"):
            # "- 1) words": the number is the item's own marker, not a list inside an empty item.
            yield from self._node(children.pop(0), level - 1)
        for child in children:
            yield from self._node(child, level)

    def _table(self, table: SyntaxTreeNode) -> Iterator[Block]:
        for part in table.children:
            for row in part.children:
                words = [self._words(cell) for cell in row.children]
                piece = row_piece((cell.text for cell in words), marker="header" if part.type == "thead" else "")
                yield from self._placed([piece] if piece else [], row)

    def _html(self, node: SyntaxTreeNode) -> Iterator[Block]:
        hidden = self._tags.hide
        self._tags.take(node.content, block=True)
        if not hidden:
            yield from self._placed(pieces_of_html(BeautifulSoup(node.content, "html.parser")), node)

    def _words(self, node: SyntaxTreeNode) -> _Words:
        """Return the visible words of a heading, paragraph or cell, "\\n" at its line breaks."""
        words: list[str] = []
        references: list[str] = []
        link_starts: list[int] = []
        for token in _inline_tokens(node):
            if token.type == "html_inline":
                self._tags.take(token.content)
                words.append("\n" if re.match(r"<br\b", token.content, re.IGNORECASE) else "")
            elif self._tags.hide or token.type == "image":
                continue
            elif token.type in ("text", "code_inline"):
                words.append(token.content)
            elif token.type in ("softbreak", "hardbreak"):
                words.append("\n")
            elif token.type == "link_open":
                link_starts.append(len(words))
            elif token.type == "link_close" and link_starts:
                references.append(fold("".join(words[link_starts.pop() :])))
        return _Words("".join(words), tuple(filter(None, references)))

    def _placed(self, pieces: list[Piece], node: SyntaxTreeNode) -> Iterator[Block]:
        first, end = node.map or (0, 0)
        start = self._line_starts[first]
        stop = max(start, self._line_starts[min(end, len(self._line_starts) - 1)])
        source = self._text[start:stop]
        start += len(source) - len(source.lstrip())
        stop = start + len(source.strip())
        for piece in pieces:
            yield Block(
                piece.kind,
                self._shown(piece.text),
                start,
                stop,
                piece.level,
                piece.marker,
                tuple(map(self._shown, piece.cells)),
                None,
                tuple(map(self._shown, piece.references)),
            )


def _inline_tokens(node: SyntaxTreeNode) -> Iterator[Token]:
    for child in node.children:
        if child.type == "inline" and child.token:
            yield from child.token.children or ()


def _list_marker(parent: SyntaxTreeNode, item: SyntaxTreeNode, place: int) -> str:
    if parent.type == "bullet_list":
        return "-"
    return (item.info or str(place + 1)) + (item.markup or ".")
