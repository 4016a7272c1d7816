"""Words are stemmed and searched alike from every thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from assistant.index import lexical


def test_each_thread_has_a_stemmer_of_its_own() -> None:
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(lambda: lexical._OWN.stemmer).result()
    assert other is not lexical._OWN.stemmer
    assert lexical._OWN.stemmer is lexical._OWN.stemmer


def test_threads_that_stem_at_once_get_what_one_gets_alone() -> None:
    texts = [" ".join(f"{word}{n}ing sharing organisations" for word in ("keep", "lend")) for n in range(200)]
    alone = [lexical.stems(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lexical.stems, texts)) == alone
