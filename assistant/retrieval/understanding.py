"""Question -> Understood: what is asked, of whom, about what, leaning on which earlier question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.characters import without_invisible
from assistant.clauses.catalog import Catalog
from assistant.index.lexical import stems
from assistant.retrieval.comparing import compared_texts
from assistant.retrieval.follow_up import about_side, is_follow_up, keeps_life_cycle, standalone, subject_of, takes_up
from assistant.retrieval.hit import Filters
from assistant.retrieval.naming import (
    LIFE_CYCLE,
    Named,
    foreign_standards,
    read_names,
    without_own_places,
    without_standards,
)
from assistant.retrieval.needs import asks, split_needs
from assistant.retrieval.small_talk import SmallTalk, small_talk, without_orders
from assistant.retrieval.spelling import Speller

_OF_LOOKING_UP = frozenset(
    stems(
        "clause section subclause chapter paragraph item point annex table row standard iso guide text number say mean tell read contain list"
        " require recommend cover give explain quote show summarise please"
    )
)
_ENOUGH_WORDS = 3
"""Other content words from which a question with an unknown clause number is taken to ask for something besides."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A question taken apart.

    Attributes:
        question: As asked.
        standalone: With the subject of the conversation where it leaned on it; orders to the assistant left out.
        search: What is searched for: like standalone, typing slips mended.
        own: The question without the conversation, typing slips mended.
        subject: The earlier question that a follow-up leans on; "" for a question that stands alone.
        named: What it names outright.
        besides: Whether it asks for something beside clauses that are unknown or not held.
        needs: The separate needs, each as a question; one entry where there is only one.
        compared: Source ids of the texts that are to be answered from side by side; empty for any other question.
        small_talk: A greeting or the like; None for a real question.
        ordered: Whether it tried to order the assistant about.
        audience: The side to answer from: a filter, the speaker's own, or what a follow-up turns to.
        facet: What, why or how, as asked or as filtered; None where it is open.
        principle: Name of the principle a filter asks for; None where it is open.
        life_cycle: Whether the life cycle is spoken of.
    """

    question: str
    standalone: str
    search: str
    own: str
    subject: str = ""
    named: Named = field(default_factory=Named)
    besides: bool = False
    needs: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    small_talk: SmallTalk | None = None
    ordered: bool = False
    audience: str | None = None
    facet: str | None = None
    principle: str | None = None
    life_cycle: bool = False


def understand(
    question: str,
    history: Sequence[str],
    filters: Filters,
    catalog: Catalog,
    speller: Speller,
    *,
    rewritten: str | None = None,
) -> Understood:
    """Take a question apart.

    Args:
        question: As asked.
        history: Earlier questions of the conversation, oldest first.
        filters: What the user set.
        catalog: What exists.
        speller: Mends typing slips.
        rewritten: A standalone form that a language model made, used in place of our own.

    Raises:
        SettingsError: The filters name a principle that does not exist.
    """
    seen = _plain(question)
    asked, ordered = without_orders(seen)
    talk = small_talk(asked or seen)
    past = [without_orders(_plain(h))[0] for h in history]
    past = [h for h in past if h and not small_talk(h)]
    leaning = is_follow_up(asked, past)
    alone = rewritten or standalone(asked, past)
    subject = speller.mend(subject_of(past)) if leaning else ""
    search = without_own_places(speller.mend(alone))
    own = speller.mend(asked)
    named = read_names(own, catalog, audience=filters.audience)
    own = without_own_places(own)
    besides = _besides(own, named, catalog)
    if besides and named.absent:
        # what is asked of a text that is not held would only draw in what is not asked of those that are
        search = own = besides
        named = replace(named, foreign=foreign_standards(own))
    audience = filters.audience or (about_side(own) if leaning else None) or named.audience
    if leaning:
        earlier = read_names(subject, catalog, audience=filters.audience)
        audience = audience or earlier.audience
        named = _carried_over(named, earlier, turns=about_side(own) is not None, takes_up=takes_up(asked, past))
    compared = () if filters.audience in ("msme", "large") else compared_texts(own)
    if LIFE_CYCLE not in compared and named.stage:
        compared = ()
    if compared:
        search, own = without_standards(search), without_standards(own)
    return Understood(
        question=question,
        standalone=alone or seen,
        search=search or seen,
        own=own,
        subject=subject,
        named=named,
        besides=bool(besides),
        needs=split_needs(own) if not leaning else (own,),
        compared=compared,
        small_talk=talk,
        ordered=ordered,
        audience=audience,
        facet=filters.facet or named.facet,
        principle=catalog.taxonomy.require_principle(filters.principle).name if filters.principle else None,
        life_cycle=keeps_life_cycle(own, past),
    )


def _plain(text: str) -> str:
    """The text without characters that nobody sees, its white space folded."""
    return " ".join(without_invisible(text).split())


def _carried_over(named: Named, earlier: Named, *, turns: bool, takes_up: bool) -> Named:
    """What a follow-up names, and what the question that it leans on named where it names nothing itself.

    Args:
        named: What the follow-up names.
        earlier: What the earlier question named.
        turns: Whether the follow-up turns to the other side, whose standard has clauses of its own.
        takes_up: Whether it is about the very clause that was named before.
    """
    if named.clauses or named.unknown or named.absent or named.principles or named.stage:
        return named
    return replace(
        named,
        clauses=earlier.clauses if takes_up and not turns else (),
        within=named.within or earlier.within,
        sources=named.sources or (() if turns else earlier.sources),
        principles=earlier.principles,
        stage=earlier.stage,
    )


def _besides(question: str, named: Named, catalog: Catalog) -> str:
    """What is asked beside clauses that are not there; "" where nothing is."""
    if named.absent:
        sentences = re.split(r"(?<=[?.!;])\s+", question)
        pieces = [piece for sentence in sentences for piece in split_needs(sentence)]
        rest = [piece for piece in pieces if not read_names(piece, catalog).absent]
        return " ".join(rest) if any(asks(piece) and len(stems(piece)) >= 2 for piece in rest) else ""
    words = {s for s in stems(question) if not s[0].isdigit()} - _OF_LOOKING_UP
    return question if named.unknown and len(words) >= _ENOUGH_WORDS else ""
