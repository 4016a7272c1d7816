"""Findings -> the list of gaps, most pressing first, each with its clause and a next step."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.coverage.coverage_map import CoverageMap, Finding
from assistant.coverage.judging import cue_text
from assistant.coverage.statuses import Status
from assistant.coverage.wording import cue_counts

_WEIGHT: dict[Status, float] = {"contradicted": 3.0, "not_found": 2.0, "partly": 1.0}
_POSSIBILITY = 0.4  # what the guidance only says one can do presses less than what it says one should do
_IF_WRONG = 0.5  # what a finding weighs where it is wrong: there may be something to mend all the same
# How sure a status counts at least that a language model gave: the confidence is the map's own in that status, so what the model
# alone found would otherwise stand at the end.
_JUDGED_BY_MODEL = 0.8


@dataclass(frozen=True, slots=True)
class Gap:
    """A recommendation that the plans do not carry out, or only in part.

    Attributes:
        finding: What was found.
        priority: 1 for "now", 2 for "next", 3 for "when convenient".
        weight: By what the list is ordered, higher first.
        next_step: What to do, in a sentence or two.
        example: How a plan could say it, "" where there is no example.
        citations: What the next step rests on.
    """

    finding: Finding
    priority: int
    weight: float
    next_step: str
    example: str
    citations: tuple[str, ...]


def gaps(found: CoverageMap) -> list[Gap]:
    """Everything contradicted, not found or partly done, most pressing first.

    Weighed by status and its chance, so that a doubtful contradiction does not go before a sure gap; by strength of the
    provision; and by how much of its principle is missing. What a person has decided counts in full.
    """
    missing = _missing_share(found)
    listed = []
    for finding in found.findings:
        weight = _WEIGHT.get(finding.final_status)
        if weight is None:
            continue
        sure = _sureness(finding)
        strength = 1.0 if finding.recommendation.strength == "should" else _POSSIBILITY
        expected = sure * weight + (1 - sure) * _IF_WRONG
        total = expected * strength * (1 + missing[finding.recommendation.principle])
        example = found.examples.get(finding.recommendation.key, "")
        listed.append(
            Gap(
                finding,
                _priority(total),
                round(total, 3),
                next_step(finding),
                example,
                (finding.recommendation.citation_id,),
            )
        )
    return sorted(listed, key=lambda g: (-g.weight, g.finding.recommendation.key))


def _sureness(finding: Finding) -> float:
    if finding.decision:
        return 1.0
    return max(finding.confidence, _JUDGED_BY_MODEL) if finding.judged_by else finding.confidence


def _priority(weight: float) -> int:
    return 1 if weight >= 2.2 else 2 if weight >= 1.2 else 3


def _missing_share(found: CoverageMap) -> dict[str, float]:
    shares = {}
    for principle, counts in found.heat_map().items():
        applying = sum(n for status, n in counts.items() if status != "not_applicable")
        open_count = counts["not_found"] + counts["contradicted"] + 0.5 * counts["partly"]
        shares[principle] = open_count / applying if applying else 0.0
    return shares


def next_step(finding: Finding) -> str:
    """What to do about a gap, with the place in the guidance and in the plan."""
    status, place = finding.final_status, finding.label
    evidence = finding.evidence
    where = f' in "{evidence.heading}"' if evidence is not None and evidence.heading else ""
    if status in ("contradicted", "partly") and evidence is None:  # a person found what the map did not
        return f"Note which sentence of the plans it is, compare it with {place}, and change it or add what is missing."
    if status == "contradicted":
        return f"Take the sentence{where} to its owner and compare it with {place}: change it, or record why the recommendation does not apply."
    if status == "not_found":
        return f"Read {place}, decide whether it applies, and add a sentence that says who does it, how and by when."
    cues = cue_counts(cue_text(evidence)) if evidence is not None else {}
    if cues.get("later"):
        return f"Settle what the sentence{where} leaves open: put a name and a date to it, as {place} asks."
    if cues.get("part"):
        return (
            f"Extend the sentence{where} to the parties or points that it leaves out; {place} lists what belongs to it."
        )
    return f"Compare the sentence{where} with {place} and add what is missing."
