"""Minutes -> AgendaItems whose lengths add up to the minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.errors import WorkshopError
from assistant.workshop.pack import AgendaItem

LEAST_PER_UNIT = 20
MOST_MINUTES = 960
# Adults need a pause after about an hour and a half; one of ten minutes is the shortest that works.
_STRETCH = 100
_BREAK = 10
# Of a chapter's time: talking, working in groups, quiz, rating oneself.
_SHARES = {"talk": 30, "exercise": 40, "quiz": 15, "rating": 15}


@dataclass(frozen=True, slots=True)
class ChapterTime:
    """Minutes of one chapter, by what happens in them."""

    talk: int
    exercise: int
    quiz: int
    rating: int
    example: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.talk + self.exercise + self.quiz + self.rating + self.example


@dataclass(frozen=True, slots=True)
class TimePlan:
    """How the minutes are spent."""

    opening: int
    closing: int
    breaks: int
    chapters: tuple[ChapterTime, ...]


def plan_time(minutes: int, with_plans: Sequence[bool]) -> TimePlan:
    """Divide the minutes.

    Args:
        minutes: Length of the workshop, breaks included.
        with_plans: For each principle or stage, whether it has a worked example from the organisation's plans.

    Raises:
        WorkshopError: The time does not suffice, or is more than two long days.
    """
    units = len(with_plans)
    least = least_minutes(units)
    if minutes < least:
        raise WorkshopError(
            f"{units} {'topic needs' if units == 1 else 'topics need'} at least {least} minutes; give --minutes {least} or more, or fewer topics"
        )
    if minutes > MOST_MINUTES:
        raise WorkshopError(f"a workshop may last {MOST_MINUTES} minutes at most; build several packs instead")
    opening = closing = 5 if minutes < 75 else 10
    breaks = (minutes - 1) // _STRETCH
    breaks = min(breaks, max(0, units * 4 - 1))
    rest = minutes - opening - closing - breaks * _BREAK
    lengths = divide(rest, [1] * units)
    return TimePlan(
        opening, closing, breaks, tuple(_chapter_time(n, w) for n, w in zip(lengths, with_plans, strict=True))
    )


def least_minutes(units: int) -> int:
    """The shortest workshop on this many units, breaks included."""
    minutes = units * LEAST_PER_UNIT + 10
    while minutes - (10 if minutes < 75 else 20) - ((minutes - 1) // _STRETCH) * _BREAK < units * LEAST_PER_UNIT:
        minutes += 5
    return minutes


def _chapter_time(minutes: int, with_plans: bool) -> ChapterTime:
    shares = list(_SHARES.values())
    if with_plans:
        shares = [24, 36, 14, 12, 14]
    return ChapterTime(*divide(minutes, shares))


def divide(total: int, shares: Sequence[int]) -> list[int]:
    """Whole numbers in these proportions that add up to the total (largest remainders; first one wins a tie)."""
    whole = sum(shares)
    parts = [total * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: (-(total * shares[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def make_agenda(plan: TimePlan, chapters: Sequence[tuple[str, str]]) -> tuple[AgendaItem, ...]:
    """The agenda of a workshop; every item begins where the one before ends.

    Args:
        plan: How the minutes are spent.
        chapters: Unit id and title of each chapter.
    """
    blocks: list[tuple[int, str, str, str]] = []
    for (unit_id, title), time in zip(chapters, plan.chapters, strict=True):
        blocks += [
            (time.talk, title, "Short talk with questions", unit_id),
            (time.example, f"{title}: an example from our plans", "Read and discuss", unit_id),
            (time.exercise, f"{title}: case", "Small groups, then plenary", unit_id),
            (time.quiz, f"{title}: quiz", "Alone, then answers together", unit_id),
            (time.rating, f"{title}: where we stand", "Rate in teams, note one action", unit_id),
        ]
    blocks = [b for b in blocks if b[0]]
    for cut in reversed(_break_places([b[0] for b in blocks], plan.breaks)):
        blocks.insert(cut, (_BREAK, "Break", "", ""))
    opening = (plan.opening, "Welcome and objectives", "Round of introductions", "")
    closing = (plan.closing, "What we take away", "One action each, feedback", "")
    agenda, clock = [], 0
    for minutes, title, method, unit_id in (opening, *blocks, closing):
        agenda.append(AgendaItem(clock, minutes, title, method, unit_id))
        clock += minutes
    return tuple(agenda)


def _break_places(lengths: Sequence[int], breaks: int) -> list[int]:
    """Before which blocks the breaks stand: nearest to equal stretches, each in a place of its own."""
    total, places = sum(lengths), []
    starts = [sum(lengths[:i]) for i in range(len(lengths))]
    for number in range(1, breaks + 1):
        wanted = total * number / (breaks + 1)
        free = [i for i in range(1, len(lengths)) if i not in places]
        places.append(min(free, key=lambda i: (abs(starts[i] - wanted), i)))
    return sorted(places)


def clock_time(minute: int) -> str:
    """A minute of the workshop as hours and minutes ("1:05")."""
    return f"{minute // 60}:{minute % 60:02d}"
