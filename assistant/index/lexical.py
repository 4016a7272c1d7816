"""Lexical search: BM25 over stemmed words (bm25s, PyStemmer)."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

_WORD = re.compile(r"[^\W_]+(?:\.\d+)*", re.UNICODE)
# Function words carry no evidence of which clause is meant.
STOPWORDS = frozenset(
    """
    a about above after again all also am an and any are as at be because been before being below between both but
    by can could did do does doing down during each few for from further had has have having he her here hers him
    his how i if in into is it its itself just me more most my no nor not now of off on once only or other our ours
    out over own same she should so some such than that the their theirs them then there these they this those
    through to too under until up very was we were what when where which while who whom why will with would you your
    yours us s t d ll re ve m don doesn isn aren won let get got
    """.split()
)


class _Own(threading.local):
    """A stemmer for each thread: it keeps the word it is at work on, and is not made for two at once."""

    def __init__(self) -> None:
        self.stemmer: Any = Stemmer.Stemmer("english")


_OWN = _Own()


def stems(text: str) -> list[str]:
    """Stemmed words of a text without function words, in order; spelling with -isation and -our is folded."""
    words = [_fold_spelling(w) for w in _WORD.findall(text.lower()) if w not in STOPWORDS]
    return list(_OWN.stemmer.stemWords(words))


def _fold_spelling(word: str) -> str:
    """British and American spelling become one."""
    word = re.sub(r"is(e|ed|es|ing|ation|ations|er|ers)$", r"iz\1", word) if len(word) > 6 else word
    return re.sub(r"our(s|al|ally|able)?$", r"or\1", word) if len(word) > 5 else word


class LexicalIndex:
    """BM25 scores of every document for a query.

    Args:
        texts: The documents, in the order in which scores are returned.
        k1: Saturation of term frequency (Robertson and Zaragoza 2009, section 3.1).
        b: Weight of document length.
    """

    def __init__(self, texts: Sequence[str], *, k1: float = 1.2, b: float = 0.75) -> None:
        self._size = len(texts)
        self._index: Any = None
        tokens = [stems(t) for t in texts]
        self.vocabulary = {w for t in tokens for w in t}
        if self.vocabulary:
            self._index = bm25s.BM25(k1=k1, b=b, method="lucene")
            self._index.index(tokens, show_progress=False)

    def scores(self, query: str) -> NDArray[np.float32]:
        """BM25 score of each document, shape (documents,); zeros where no word of the query is known."""
        words = [w for w in stems(query) if w in self.vocabulary]
        if self._index is None or not words:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._index.get_scores(words), dtype=np.float32)
