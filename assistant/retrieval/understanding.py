"""Question -> Understood: what is asked, of whom, about what, leaning on which earlier question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.clauses.catalog import Catalog
from assistant.clauses.taxonomy import Taxonomy
from assistant.errors import SettingsError
from assistant.retrieval.follow_up import about_side, is_follow_up, keeps_life_cycle, standalone, subject_of
from assistant.retrieval.hit import Filters
from assistant.retrieval.naming import Named, read_names, without_standards
from assistant.retrieval.needs import is_comparison, split_needs
from assistant.retrieval.small_talk import SmallTalk, small_talk, without_invisible, without_orders
from assistant.retrieval.spelling import Speller


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
        needs: The separate needs, each as a question; one entry where there is only one.
        comparison: Whether both sides are to be answered side by side.
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
    needs: tuple[str, ...] = ()
    comparison: bool = False
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
    seen = without_invisible(question)
    asked, ordered = without_orders(seen)
    talk = small_talk(asked or seen)
    past = [without_orders(without_invisible(h))[0] for h in history]
    past = [h for h in past if h and not small_talk(h)]
    leaning = is_follow_up(asked, past)
    alone = rewritten or standalone(asked, past)
    subject = subject_of(past) if leaning else ""
    search = speller.mend(alone)
    own = speller.mend(asked)
    named = read_names(own, catalog, audience=filters.audience)
    earlier = read_names(speller.mend(subject), catalog, audience=filters.audience) if leaning else None
    audience = filters.audience or (about_side(own) if leaning else None) or named.audience
    audience = audience or (earlier.audience if earlier else None)
    if earlier is not None and not named.clauses and not named.principles and not named.stage:
        named = Named(
            clauses=earlier.clauses if not about_side(own) else (),
            unknown=named.unknown,
            within=named.within or earlier.within,
            sources=named.sources or (() if about_side(own) else earlier.sources),
            foreign=named.foreign,
            principles=earlier.principles,
            stage=earlier.stage,
            facet=named.facet,
            audience=named.audience,
        )
    principle = _principle(filters.principle, catalog.taxonomy) if filters.principle else None
    comparison = filters.audience not in ("msme", "large") and not named.stage and is_comparison(own)
    if comparison:
        search, own = without_standards(search), without_standards(own)
    return Understood(
        question=question,
        standalone=alone or seen,
        search=search or seen,
        own=own,
        subject=speller.mend(subject),
        named=named,
        needs=split_needs(own) if not leaning else (own,),
        comparison=comparison,
        small_talk=talk,
        ordered=ordered,
        audience=audience,
        facet=filters.facet or named.facet,
        principle=principle,
        life_cycle=keeps_life_cycle(own, past),
    )


def _principle(words: str, taxonomy: Taxonomy) -> str:
    principle = taxonomy.principle_named(words)
    if principle is None:
        names = ", ".join(p.name for p in taxonomy.principle)
        raise SettingsError(f"unknown principle {words!r}; use one of: {names}")
    return principle.name
