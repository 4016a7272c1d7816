"""Actors: who is to do something in a statement has to be who is to do it in the clause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

from assistant.answering.verification.sides import Sides, sides_of
from assistant.answering.verification.strength import is_imperative
from assistant.clauses.taxonomy import Taxonomy

_SMALL = r"(?:small|smaller|little|micro|tiny|small(?:er)? and medium-sized|small or medium-sized)"
_BIG = r"(?:large|larger|big|bigger|major)"
_ORGANISATION = r"(?:organi[sz]ations?|compan(?:y|ies)|firms?|business(?:es)?|partners?|enterprises?|suppliers?|part(?:y|ies)|ones?|outfits?|customers?)"

# Longest names first: each stretch of text names one actor only.
_NAMES: tuple[tuple[str, str], ...] = (
    ("joint-team", r"joint management teams?|joint (?:team|board|steering group|steering committee|management group)s?|JMT|"
                   r"governance team|steering (?:group|committee)|(?:the|its|their) team(?= (?:should|must|can|may|needs?|has)\b)"),
    ("external", r"consultants?|auditors?|regulators?|governments?|(?:public |local |tax |competent )?authorities|ministr(?:y|ies)|banks?|insurers?|lawyers?|solicitors?|courts?|"
                 r"arbitrators?|arbitration|mediators?|patent offices?|certification bod(?:y|ies)|trade unions?|unions?|chambers? of commerce|"
                 r"(?:human resources|HR|IT|legal|finance|procurement|purchasing|sales|marketing|compliance|quality) (?:department|team|office|manager|function|director)s?|"
                 r"purchasing managers?|works councils?|investors?|shareholders?|coach(?:es)?|independent experts?|outside experts?|trustees?|accountants?|"
                 r"facilitators?|ISO committees?|project managers?|secretar(?:y|ies)"),
    ("relationship-manager", r"(?:MSME|SME|small[- ]business|small[- ]supplier|relationship) (?:relationship )?managers?|small business liaison"),
    ("ser", r"appointed representatives?|SER's representatives?|senior (?:executives? responsible|responsible executives?)|SERs?|executive sponsors?|senior sponsors?"),
    ("senior", r"senior (?:management|managers?|leaders?|leadership|executives?|people)|top (?:management|people|managers?|leaders?)|"
               r"chief executives?|board(?: of directors)?|boards|directors?|leadership|leaders?"),
    ("small", rf"MSMEs?|SMEs?|{_SMALL} {_ORGANISATION}|micro[- ]business(?:es)?|start-?ups?|cluster|clusters"),
    ("large", rf"{_BIG} {_ORGANISATION}|corporates?|corporations?|multinationals?"),
    ("customer", r"customers?|clients?|buyers?|purchasers?|end users?"),
    ("supplier", r"suppliers?|vendors?|subcontractors?|providers?"),
    ("owners", r"bosses|boss|owners?(?: ?(?:and/or|/|or|and) ?managers?)?|owner-managers?|proprietors?|founders?|managers?|"
               r"(?<!risk )(?<!relationship )(?<!joint )(?<!knowledge )(?<!day-to-day )(?<!senior )management(?= (?:should|must|can|may|has|needs|could|might|ought|is to)\b)"),
    ("partners", r"(?:collaborative |business |potential |prospective )?partners?|part(?:y|ies)|both sides|each side|both organi[sz]ations"),
    ("employees", r"(?:shop[- ]floor |working[- ]level |junior )?(?:staff|personnel|employees?|workforce)"),
    ("staff", r"individuals?|team members?|people|everyone|everybody|someone|anyone"),
    ("organisation", rf"{_ORGANISATION}|you|we"),
)  # fmt: skip
# "Large and small partners": neither side by itself.
_OTHER_TOO = re.compile(r"\b(?:large|larger|big|bigger|small|smaller) (?:and|or) $", re.I)
_GENERIC = frozenset({"staff", "organisation"})
_ROLE_KEYS = {
    "senior-executive-responsible": "ser",
    "senior-executive-representative": "ser",
    "joint-management-team": "joint-team",
    "msme-relationship-manager": "relationship-manager",
}
_ADDRESSED = {
    "msme": frozenset({"small", "owners"}),
    "large": frozenset({"large", "senior"}),
    "both": frozenset({"small", "owners", "large", "senior"}),
}
_PREDICATE = re.compile(
    r"\b(?:must|shall|should|ought|can|could|may|might|will|would|needs?|has|have|had|is|are|was|were|be|does|do|makes?|gives?|sees?|works?|"
    r"gets?|keeps?|takes?|carries|brings?|becomes?|evaluates?|provides?|watch(?:es)?|act(?:s|ed)?|decides?|appoints?|tends?|includes?|"
    r"asks?|share[s]?|miss(?:es)?|forces?|names?)\b",
    re.I,
)
# "is agreed", "should be considered", "can be the owner": the subject is not who acts.
_PASSIVE = re.compile(
    r"^(?:(?:must|shall|should|ought to|can|could|may|might|will|would|needs? to|has to|have to|had to)(?: \w+ly| not| also| never| always)? )?"
    r"(?:be|is|are|was|were|been|has been|have been|being|get|gets)\b(?!(?: \w+ly| not| also| never| always)* "
    r"(?:to|there to|meant to|responsible|in charge|prepared|ready|aware|able|obliged|required|bound|expected|allowed|compelled|supposed|entitled|mindful)\b)",
    re.I,
)
_TURN = re.compile(
    r"^(?:it (?:is|'s) (?:up to|for|mandatory for|compulsory for|important for|essential for|possible for|necessary for|the (?:job|task|duty|responsibility) of)"
    r"|the (?:responsibility|duty|task|job) of)\s+(.*?)\s+to\b",
    re.I,
)
# "It is the customer that decides", "... is a matter for the customer", "... falls to the customer".
_CLEFT = re.compile(r"^it is (?P<who>[^,;.]{3,60}?) (?:that|who)\b", re.I)
_FALLS_TO = re.compile(
    r"\b(?:(?:is|are) (?:a |the )?(?:task|matter|job|duty|responsibility|business|concern)s? (?:for|of)|(?:is|are) (?:for|up to|left to|in the hands of)|falls? to|rests? with|lies? with|"
    r"belongs? to|is down to)\s+(?P<who>[^,;.]{3,60}?)(?= to\b|[,;.:]|$)",
    re.I,
)
_AGENT = re.compile(
    r"\bby (?=(?:the |an? |each |its |their |our |your |those |other )?(?:[\w'-]+ ){0,2}?[\w'-]+)(.{0,45})", re.I
)
_OPENING = re.compile(
    r"^(?:when|where|if|while|after|before|once|in|at|for|during|as|on|to|because|since|although|though)\b[^,]*,\s*",
    re.I,
)
_CONJUNCTION = re.compile(r"^(?:and|but|so|yet|then|therefore)\b[ ,]*(?!that\b)", re.I)
_SUBORDINATE = re.compile(
    r"^(?:or|so that|that|which|who|whose|whom|to which|for which|because|since|although|though|while|whereas|even if|unless|otherwise)\b",
    re.I,
)
# Those whose tasks the texts keep apart; of the others a plain fact may be told from either side.
_ROLES = frozenset({"joint-team", "ser", "owners", "external", "relationship-manager"})
_DETERMINERS = re.compile(
    r"^(?:(?:the|each|every|all|its|their|our|your|an?|both|any|that|those|these|other|with|together with|through|only|any|no|most|many|some|"
    r"people|owner|owners|manager|managers|leaders|boards?|of|in|at|from)[ ,]+)*$",
    re.I,
)
# "those who handle small partners": who is meant is told by what they do.
_DESCRIBED = re.compile(
    r"^(?:all |any |the )?(?:those|people|persons?|individuals|staff|whoever|anyone|anybody|everyone|somebody|someone) "
    r"(?:who|that|whose|handling|dealing|in charge|responsible|involved|working|on|in)\b",
    re.I,
)
_AGENT_NOUN = re.compile(
    r"^(?:\w+(?:er|or|ist|ian|eer|ee|man|woman|person)s?|\w+(?:men|women)|office|department|association|agency|committee|council|team|group|"
    r"unit|panel|body|authority|federation|institute|bureau|ministry|university|school|church|charity|cooperative|secretariat|division|"
    r"subsidiary|franchise|accountant|consultant|assistant|expert|staff|crew|family|neighbours?|friends?|public|press|media|state|parliament)s?$",
    re.I,
)
_ASKS = re.compile(r"\b(?:must|shall|should|ought|needs? to|has to|have to|may|can|could|might)\b", re.I)
_MODIFIER = re.compile(
    r"[,;:]| (?:of|for|with|in|on|at|from|to|by|between|among|about|who|that|which|whose|when|where|and|or|as|under|within|through|across)\b",
    re.I,
)
_PRONOUN = re.compile(r"^(?:they|it|he|she|these|this|those|such)\b", re.I)


def _compile(more: Iterable[tuple[str, str]] = ()) -> re.Pattern[str]:
    named = [f"(?P<{key.replace('-', '_')}_{n}>{pattern})" for n, (key, pattern) in enumerate((*more, *_NAMES))]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(named)})(?![\w-])", re.I)


class ActorWords:
    """Finds the actors of the field in a text.

    Args:
        taxonomy: Its roles' own names count beside the everyday ones.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        more = [
            (key, "|".join(re.escape(a) for a in sorted((role.name, *role.aliases), key=len, reverse=True)))
            for role in taxonomy.role
            if (key := _ROLE_KEYS.get(role.key))
        ]
        self._pattern = _compile(more)

    def named(self, text: str) -> set[str]:
        """Every actor that a text names."""
        return {m.lastgroup.rsplit("_", 1)[0].replace("_", "-") for m in self._pattern.finditer(text) if m.lastgroup}

    def subjects(self, text: str, before: str = "") -> set[str]:
        """Who is to act: named before the predicate, or behind "by"; a pronoun stands for the sentence before.

        Args:
            text: A sentence, a list item with its lead-in, or a part of one.
            before: The sentence before it.
        """
        if _SUBORDINATE.match(text) or is_imperative(text):
            return set()
        bare = _OPENING.sub("", _CONJUNCTION.sub("", text))
        turned = _TURN.match(bare)
        if turned:
            return self.named(turned[1])
        pointed = _CLEFT.match(bare) or _FALLS_TO.search(bare)
        if pointed and (who := self.named(pointed["who"])):
            return who
        predicate = _PREDICATE.search(bare)
        found: set[str] = set()
        if predicate and not _PASSIVE.match(bare[predicate.start() :]):
            found = self._leading(bare[: predicate.start()], strict=bare != text)
            if before and not found and _PRONOUN.match(bare):
                found = self.subjects(before)
        agents = {a for agent in _AGENT.finditer(bare) for a in self.named(agent[1].split(",")[0])}
        return agents or found

    def sides(self, text: str) -> Sides:
        """With which side, the small firms' or the large ones', each word of a text stands."""
        return sides_of(
            text,
            (
                (m.start(), m.end(), "" if _OTHER_TOO.search(text[: m.start()]) else key)
                for m in self._pattern.finditer(text)
                if (key := (m.lastgroup or "").rsplit("_", 1)[0]) in ("small", "large")
            ),
        )

    def assigns(self, text: str) -> bool:
        """Whether a text gives a task by a turn of its own ("it is a matter for the owners")."""
        return bool(_CLEFT.match(text) or _FALLS_TO.search(text))

    def subject_head(self, text: str) -> str:
        """The noun of an active sentence's subject where that names none of the known actors, else ""."""
        bare = _OPENING.sub("", text)
        modal = _ASKS.search(bare)
        if not modal or is_imperative(text) or _SUBORDINATE.match(text) or _PASSIVE.match(bare[modal.start() :]):
            return ""
        subject = _MODIFIER.split(bare[: modal.start()].strip())[0]
        words = re.findall(r"[^\W\d_][\w'’-]*", subject)
        return "" if not words or len(words) > 6 or self.named(subject) or _PRONOUN.match(subject) else words[-1]

    def _leading(self, text: str, *, strict: bool) -> set[str]:
        """Actors of a subject; in a part that goes on from another one only what it opens with."""
        if _DESCRIBED.match(text):
            return set()
        first = self._pattern.search(text)
        if first is None or (strict and not _DETERMINERS.match(text[: first.start()])):
            return set()
        return self.named(text)


def is_agent(noun: str) -> bool:
    """Whether a noun by its form or sense names somebody who can act."""
    return _AGENT_NOUN.match(noun) is not None


def wrong_actor(
    statement: Set[str], sentences: Iterable[Set[str]], clause: Set[str], audience: str, *, task: bool
) -> bool:
    """Whether a statement gives a task to somebody else than the clause does.

    Args:
        statement: Subjects of the statement or of one part of it.
        sentences: Subjects of each of the sentences that fit it best.
        clause: Everybody whom the clause names.
        audience: Whom its source addresses: msme, large or both; they may be meant where nobody is named.
        task: Whether something is asked of somebody, and not just told.
    """
    named = [set(s) - _GENERIC for s in sentences]
    named = [s for s in named if s]
    mine = set(statement) - _GENERIC if task else set(statement) & _ROLES
    if not mine:
        return False
    if mine - _widen(set(clause)) - _ADDRESSED.get(audience, frozenset()) - {"partners"} and not _widen(mine) & set(
        clause
    ):
        return True
    return bool(named) and not any(_same(mine, s) for s in named)


def _same(mine: set[str], theirs: set[str]) -> bool:
    for one, other in (("small", "large"), ("large", "small")):
        if one in mine and other in theirs and other not in mine and one not in theirs:
            return False
    if "external" in mine - theirs:
        return False
    return bool(_widen(mine) & theirs)


def _widen(actors: set[str]) -> set[str]:
    """Names that stand for each other in these texts: a small firm acts through its owners, a large one through its leaders."""
    wide = set(actors)
    if "small" in actors and "large" not in actors:
        wide.add("owners")
    if "owners" in actors and "large" not in actors:
        wide.add("small")
    if "employees" in actors:
        wide.add("staff")
    if "staff" in actors:
        wide.add("employees")
    if actors & {"large", "senior"} and "small" not in actors:
        wide |= {"large", "senior"}
    return wide
