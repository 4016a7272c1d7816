"""What a recommendation can be in a plan: the statuses, in the order in which they are shown everywhere."""

from __future__ import annotations

from typing import Literal, get_args

# What the map or a labelled example can say; only a person says that a recommendation does not apply.
JudgedStatus = Literal["evidenced", "partly", "not_found", "contradicted"]
Status = Literal["evidenced", "partly", "not_found", "contradicted", "not_applicable"]
JUDGED: tuple[JudgedStatus, ...] = get_args(JudgedStatus)
STATUSES: tuple[Status, ...] = get_args(Status)
STATUS_NAMES: dict[Status, str] = {
    "evidenced": "Evidenced",
    "partly": "Partly",
    "not_found": "Not found",
    "contradicted": "Contradicted",
    "not_applicable": "Not applicable",
}
