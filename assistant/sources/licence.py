"""What may be done with a source's words."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ModelUse = Literal["none", "loopback", "any"]
# A word as a quote budget counts it: "long-term" and "it's" are one.
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def count_words(text: str) -> int:
    """Words as a quote budget counts them."""
    return len(WORD.findall(text))


class Licence(BaseModel):
    """Terms under which a text is held; the defaults are those of a text nobody described.

    Attributes:
        holder: Who is licensed.
        reference: Licence or order number, for the reference list.
        valid_until: Last day on which the text may be used; None for no end.
        quote_words_per_answer: Words that may be quoted verbatim in one answer.
        quote_words_per_export: Words that may be quoted verbatim in one exported file.
        export: Whether its words may leave the product in a file at all.
        roles: Roles that may see it; empty for everybody.
        model_use: Which language models may be sent its words: none, one on this machine, or any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    holder: str = "not stated"
    reference: str = ""
    valid_until: date | None = None
    quote_words_per_answer: int = Field(default=150, ge=0)
    quote_words_per_export: int = Field(default=0, ge=0)
    export: bool = False
    roles: tuple[str, ...] = ()
    model_use: ModelUse = "loopback"

    def expired(self, today: date) -> bool:
        """Whether the last day of use has passed."""
        return self.valid_until is not None and today > self.valid_until

    def allows(self, role: str, today: date) -> bool:
        """Whether somebody in this role may see the text today."""
        return not self.expired(today) and (not self.roles or role in self.roles)

    def allows_model(self, *, loopback: bool) -> bool:
        """Whether the words may be sent to a language model, given whether that one runs on this machine."""
        return self.model_use == "any" or (self.model_use == "loopback" and loopback)

    def line(self) -> str:
        """The licence in one line, for people."""
        until = f"valid until {self.valid_until.isoformat()}" if self.valid_until else "no end date"
        reference = f" ({self.reference})" if self.reference else ""
        export = "export allowed" if self.export else "no export"
        return f"{self.holder}{reference}, {until}, {self.quote_words_per_answer} quoted words an answer, {export}"


DEFAULT_PLAN_LICENCE = Licence(
    holder="own organisation",
    quote_words_per_answer=400,
    quote_words_per_export=4000,
    export=True,
    model_use="loopback",
)
