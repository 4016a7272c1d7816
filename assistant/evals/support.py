"""Do the citations of a statement support it? Citation recall and precision as ALCE defines them.

Gao, Yen, Yu, Chen: "Enabling Large Language Models to Generate Text with Citations", EMNLP 2023, section 3.
A statement's citation recall is 1 when it has citations and all of them together support it. A citation is
irrelevant when it alone does not support the statement and the others without it do; its precision is 1 when the
statement's recall is 1 and it is not irrelevant. ALCE judges with an NLI model, this project with its verifier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.evals.protocols import SupportJudge

THRESHOLD = 0.5


def support_scores(
    statements: Sequence[Mapping[str, Any]], judge: SupportJudge | None, threshold: float = THRESHOLD
) -> dict[str, float | None]:
    """Support recall (mean over statements) and precision (mean over their citations) of one answer.

    Returns:
        "support_recall" and "support_precision" from 0 to 1; None without a judge, without statements, and for
        the precision also where no statement cites anything.
    """
    if judge is None or not statements:
        return {"support_recall": None, "support_precision": None}
    recalls: list[float] = []
    precisions: list[float] = []
    for statement in statements:
        text = str(statement.get("text", ""))
        cited = list(dict.fromkeys(str(c) for c in statement.get("citations", ())))
        supported = bool(cited) and _supports(judge, text, cited, threshold)
        recalls.append(float(supported))
        precisions += [float(supported and _is_relevant(judge, text, cited, c, threshold)) for c in cited]
    return {
        "support_recall": sum(recalls) / len(recalls),
        "support_precision": sum(precisions) / len(precisions) if precisions else None,
    }


def _is_relevant(judge: SupportJudge, text: str, cited: list[str], citation: str, threshold: float) -> bool:
    others = [c for c in cited if c != citation]
    if not others or _supports(judge, text, [citation], threshold):
        return True
    return not _supports(judge, text, others, threshold)


def _supports(judge: SupportJudge, text: str, citations: list[str], threshold: float) -> bool:
    return float(judge.support(text, citations)) >= threshold
