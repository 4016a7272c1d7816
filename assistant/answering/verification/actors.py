"""Actors: who is to do something in a statement has to be who is to do it in the clause."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.clauses.taxonomy import Taxonomy

_SMALL = r"(?:small|smaller|little|micro|tiny|small(?:er)? and medium-sized|small or medium-sized)"
_BIG = r"(?:large|larger|big|bigger|major)"
_ORGANISATION = r"(?:organi[sz]ations?|compan(?:y|ies)|firms?|business(?:es)?|partners?|enterprises?|suppliers?|part(?:y|ies)|ones?|outfits?|customers?)"

# Longest names first: each stretch of text names one actor only.
_NAMES: tuple[tuple[str, str], ...] = (
    ("joint-team", r"joint management teams?|joint (?:team|board|steering group|steering committee|management group)s?|JMT|"
                   r"governance team|steering (?:group|committee)|(?:the|its|their) team(?= (?:should|must|can|may|needs?|has)\b)"),
    ("external", r"consultants?|auditors?|regulators?|governments?|authorit(?:y|ies)|ministr(?:y|ies)|banks?|insurers?|lawyers?|solicitors?|courts?|"
                 r"arbitrators?|arbitration|mediators?|patent offices?|certification bod(?:y|ies)|trade unions?|unions?|chambers? of commerce|"
                 r"(?:human resources|HR|IT|legal|finance|procurement|purchasing|sales|marketing|compliance|quality) (?:department|team|office|manager|function|director)s?|"
                 r"purchasing managers?|works councils?|investors?|shareholders?|coach(?:es)?|independent experts?|outside experts?|trustees?|accountants?|"
                 r"facilitators?|ISO committees?|project managers?|secretar(?:y|ies)"),
    ("relationship-manager", r"(?:MSME|SME|small[- ]business|small[- ]supplier|relationship) (?:relationship )?managers?|small business liaison"),
    ("representative", r"appointed representatives?|SER's representative|representatives?|someone acting for (?:that|this) person|deput(?:y|ies)|stand-in"),
    ("ser", r"senior (?:executives? responsible|responsible executives?)|SERs?|executive sponsors?|senior sponsors?"),
    ("senior", r"senior (?:management|managers?|leaders?|leadership|executives?|people)|top (?:management|people|managers?|leaders?)|"
               r"chief executives?|board(?: of directors)?|boards|directors?|leadership|leaders?|bosses|boss"),
    ("small", rf"MSMEs?|SMEs?|{_SMALL} {_ORGANISATION}|micro[- ]business(?:es)?|start-?ups?|cluster|clusters"),
    ("large", rf"{_BIG} {_ORGANISATION}|corporates?|corporations?|multinationals?"),
    ("customer", r"customers?|clients?|buyers?|purchasers?|end users?"),
    ("supplier", r"suppliers?|vendors?|subcontractors?|providers?"),
    ("owners", r"owners?(?: ?(?:and/or|/|or|and) ?managers?)?|owner-managers?|proprietors?|founders?|managers?|"
               r"(?<!risk )(?<!relationship )(?<!joint )(?<!knowledge )(?<!day-to-day )(?<!senior )management(?= (?:should|must|can|may|has|needs|could|might|ought|is to)\b)"),
    ("partners", r"(?:collaborative |business |potential |prospective )?partners?|part(?:y|ies)|both sides|each side|both organi[sz]ations"),
    ("staff", r"staff|personnel|employees?|individuals?|workforce|team members?|people|everyone|everybody|someone|anyone"),
    ("organisation", rf"{_ORGANISATION}|you|we"),
)  # fmt: skip
_GENERIC = frozenset({"staff", "organisation"})
_PREDICATE = re.compile(
    r"\b(?:must|shall|should|ought|can|could|may|might|will|would|needs?|has|have|had|is|are|was|were|be|does|do|makes?|gives?|sees?|works?|"
    r"gets?|keeps?|takes?|carries|brings?|becomes?|evaluates?|provides?|watch(?:es)?|act(?:s|ed)?|decides?|appoints?|tends?|"
    r"asks?|share[s]?|miss(?:es)?|forces?|names?)\b",
    re.I,
)
_TURN = re.compile(r"^(?:it (?:is|'s) (?:up to|for|the (?:job|task|duty|responsibility) of)|the (?:responsibility|duty|task|job) of)\s+(.*?)\s+to\b", re.I)
_AGENT = re.compile(r"\bby (?=(?:the |an? |each |its |their |our |your |those |other )?(?:[\w'-]+ ){0,2}?[\w'-]+)(.{0,45})", re.I)
_OPENING = re.compile(r"^(?:when|where|if|while|after|before|once|in|at|for|during|as|on|to)\b[^,]*,\s*", re.I)
_PRONOUN = re.compile(r"^(?:they|it|he|she|these|this|those|such)\b", re.I)


def _compile(more: Iterable[tuple[str, str]] = ()) -> re.Pattern[str]:
    named = [f"(?P<{key.replace('-', '_')}_{n}>{pattern})" for n, (key, pattern) in enumerate((*more, *_NAMES))]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(named)})(?![\w-])", re.I)


class ActorWords:
    """Finds the actors of the field in a text.

    Args:
        taxonomy: Its roles' own names count beside the everyday ones.
    """

    _KEYS = {
        "senior-executive-responsible": "ser", "senior-executive-representative": "representative",
        "joint-management-team": "joint-team", "msme-relationship-manager": "relationship-manager",
    }  # fmt: skip

    def __init__(self, taxonomy: Taxonomy) -> None:
        more = [
            (key, "|".join(re.escape(a) for a in sorted((role.name, *role.aliases), key=len, reverse=True)))
            for role in taxonomy.role
            if (key := self._KEYS.get(role.key))
        ]
        self._pattern = _compile(more)

    def named(self, text: str) -> set[str]:
        """Every actor that a text names."""
        return {m.lastgroup.rsplit("_", 1)[0].replace("_", "-") for m in self._pattern.finditer(text) if m.lastgroup}

    def subjects(self, text: str, before: str = "") -> set[str]:
        """Who is to act: named before the predicate, or behind "by"; a pronoun stands for the sentence before.

        Args:
            text: A sentence, or a list item with its lead-in.
            before: The sentence before it.
        """
        bare = _OPENING.sub("", text)
        turned = _TURN.match(bare)
        if turned:
            return self.named(turned[1])
        predicate = _PREDICATE.search(bare)
        found = self.named(bare[: predicate.start()]) if predicate else set()
        if before and not found and _PRONOUN.match(bare):
            found = self.subjects(before)
        for agent in _AGENT.finditer(bare):
            found |= self.named(agent[1].split(",")[0])
        return found


def same_actor(statement: set[str], unit: set[str]) -> bool:
    """Whether who acts in the statement may be who acts in the sentence.

    Args:
        statement: Subjects of the statement.
        unit: Subjects of the sentence it rests on.
    """
    mine, theirs = statement - _GENERIC, unit - _GENERIC
    if not mine or not theirs:
        return True
    for one, other in (("small", "large"), ("large", "small")):
        if one in mine and other in theirs and other not in mine and one not in theirs:
            return False
    if "external" in mine - theirs:
        return False
    return bool(_widen(mine) & theirs)


def _widen(actors: set[str]) -> set[str]:
    """Names that stand for each other in these texts: a small firm acts through its owner, a large one through its leaders."""
    wide = set(actors)
    if "small" in actors:
        wide.add("owners")
    if "owners" in actors and "large" not in actors:
        wide |= {"small"}
    if "large" in actors or "senior" in actors:
        wide |= {"large", "senior"} if "small" not in actors else set()
    if "representative" in actors:
        wide.add("ser")
    return wide
