"""HTML of the Coverage tab: heat map, a finding side by side with the plan, the list of gaps."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assistant.answering.licensing import QuoteLedger
from assistant.coverage.coverage_map import CoverageMap, Finding
from assistant.coverage.gaps import Gap
from assistant.coverage.plan_text import PlanSentence
from assistant.coverage.statuses import STATUSES, Status
from assistant.web.rendering import attribute, shortened, title_html
from assistant.web.texts import Texts

# Tints behind the numbers; text stays dark on them in both themes, and the column says what the number is.
_TINTS: dict[Status, str] = {
    "evidenced": "46,125,50", "partly": "249,168,37", "not_found": "198,40,40", "contradicted": "123,31,162", "not_applicable": "120,130,140",
}  # fmt: skip


def heat_map_html(found: CoverageMap, words: Texts) -> str:
    """The heat map as a table that a screen reader can read: principles down, statuses across."""
    head = "".join(f'<th scope="col">{escape(words(s))}</th>' for s in STATUSES)
    rows = []
    for principle, counts in found.heat_map().items():
        total = sum(counts.values())
        cells = "".join(_cell(status, counts[status], total) for status in STATUSES)
        rows.append(f'<tr><th scope="row">{escape(principle)}</th>{cells}<td>{total}</td></tr>')
    caption = escape(words("map_caption"))
    # Wider than a phone: it scrolls by itself, and the keyboard reaches it.
    return (
        f'<div class="scroll-x" role="region" tabindex="0" aria-label="{caption}"><table class="coverage-map"><caption>{caption}</caption>'
        f'<thead><tr><th scope="col">{escape(words("principle"))}</th>{head}<th scope="col">{escape(words("all"))}</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(status: Status, count: int, total: int) -> str:
    share = count / total if total else 0.0
    style = f' style="background:rgba({_TINTS[status]},{0.08 + 0.27 * share:.2f})"' if count else ""
    return f"<td{style}>{count}</td>"


def finding_html(finding: Finding, words: Texts, ledger: QuoteLedger) -> str:
    """One finding: the clause on the left, the plan's sentence on the right, and why."""
    status = words(
        "confidence", status=words(finding.status), percent=f"{finding.confidence:.0%}", reason=finding.reason
    )
    return (
        f'<div class="coverage-finding"><p>{escape(status)}</p>{_decision(finding, words)}'
        f'<div style="display:flex;flex-wrap:wrap;gap:1.5rem">{_guidance(finding, words, ledger)}{_plan(finding, words)}</div></div>'
    )


def _decision(finding: Finding, words: Texts) -> str:
    decision = finding.decision
    if decision is None:
        return ""
    line = escape(words("decided", status=words(decision.status), kind=words(decision.kind), comment=decision.comment))
    again = escape(words("look_again", reason=finding.look_again_reason))
    warning = f'<p class="declined" role="alert">{again}</p>' if finding.look_again else ""
    return f'<p class="said">{line}</p>{warning}'


def _guidance(finding: Finding, words: Texts, ledger: QuoteLedger) -> str:
    recommendation = finding.recommendation
    entry = ledger.catalog.resolve(ledger.catalog.owner(recommendation.citation_id))
    shown = next(iter(ledger.renditions(entry)), None)
    whole = ""
    if shown is not None:
        lines = "".join(f"<p>{escape(line)}</p>" for line in shown.text.splitlines() if line.strip())
        whole = f"<details><summary>{escape(words('clause'))}</summary>{lines}</details>"
    button = f'<button type="button" class="quiet" data-clause="{attribute(recommendation.citation_id)}">{escape(words("open_clause"))}</button>'
    return (
        f'<section style="flex:1 1 20rem"><h4>{escape(words("guidance"))}</h4><p>{escape(finding.label)}</p>'
        f"<blockquote>{escape(recommendation.matched_text)}</blockquote>{whole}{button}</section>"
    )


def _plan(finding: Finding, words: Texts) -> str:
    body = _sentence(finding.evidence, words) if finding.evidence else f"<p>{escape(words('no_evidence'))}</p>"
    near = ""
    if finding.nearest:
        items = "".join(f"<li>{_sentence(s, words)}</li>" for s in finding.nearest)
        near = f"<details><summary>{escape(words('nearest'))}</summary><ul>{items}</ul></details>"
    return f'<section style="flex:1 1 20rem"><h4>{escape(words("plan"))}</h4>{body}{near}</section>'


def _sentence(sentence: PlanSentence, words: Texts) -> str:
    place = sentence.heading or sentence.section_id
    page = f", {words('page', page=sentence.page)}" if sentence.page else ""
    return f"<blockquote>{escape(sentence.shown)}</blockquote><p><small>{escape(sentence.plan_id)}: {escape(place + page)}</small></p>"


def gaps_html(listed: Sequence[Gap], words: Texts) -> str:
    """The gaps by priority, a table each, most pressing first; the first table is open."""
    title = title_html(words("gaps_heading"))
    if not listed:
        return f'{title}<p class="empty">{escape(words("no_gaps"))}</p>'
    parts: list[str] = []
    for priority in sorted({g.priority for g in listed}):
        mine = [g for g in listed if g.priority == priority]
        summary = escape(words(f"priority_{priority}", count=len(mine)))
        parts.append(
            f"<details{'' if parts else ' open'}><summary>{summary}</summary>{_gaps_table(mine, words)}</details>"
        )
    return f'{title}<div class="tree">{"".join(parts)}</div>'


def _gaps_table(listed: Sequence[Gap], words: Texts) -> str:
    head = "".join(f'<th scope="col">{escape(words(k))}</th>' for k in ("citation", "status", "next_step"))
    rows = "".join(_gap_row(g, words) for g in listed)
    return f'<table class="figures coverage-gaps"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _gap_row(gap: Gap, words: Texts) -> str:
    citation = gap.finding.recommendation.citation_id
    example = f"<small>{escape(words('example', words=gap.example))}</small>" if gap.example else ""
    button = (
        f'<button type="button" class="quiet" data-clause="{attribute(citation)}">{escape(gap.finding.label)}</button>'
    )
    return (
        f'<tr><th scope="row">{button}<small>{escape(shortened(gap.finding.recommendation.text))}</small></th><td>{escape(words(gap.finding.final_status))}</td>'
        f"<td>{escape(gap.next_step)}{example}</td></tr>"
    )
