"""A language model puts the claims of a pack into other words; what it makes of them is verified like everything else."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering.assistant import EXTRACTIVE
from assistant.answering.engines import Engine, ask, open_engine
from assistant.answering.generation.context import plain_data
from assistant.answering.generation.parsing import refuses
from assistant.errors import EngineError
from assistant.prompts import Prompts
from assistant.settings import Settings

_FEWEST_WORDS, _MOST_WORDS = 4, 60


class Rewording:
    """Rewords sentences until the model fails once; from then on everything stands as it was.

    The sentences are the project's or the organisation's words; the check sends no licensed ones, so any model may see them.

    Args:
        engine: The opened model.
        prompts: Holds `reword`.
    """

    def __init__(self, engine: Engine, prompts: Prompts) -> None:
        self._engine = engine
        self._prompts = prompts
        self.failure = ""

    @property
    def notice(self) -> str:
        """What a reader of the pack should know of it, a line."""
        if self.failure:
            return f"The language model was given up ({self.failure}); sentences stand as they were."
        return f"Guidance claims were reworded by {self._engine.name} where the clauses support its words."

    def __call__(self, text: str, citations: Sequence[str]) -> str:
        """The sentence in other words; unchanged where the model fails or answers with something else."""
        if self.failure:
            return text
        prompt = self._prompts.get("reword").render(sentence=plain_data(text))
        try:
            reply = ask(self._engine, prompt).text
        except EngineError as error:
            self.failure = str(error)
            return text
        lines = [plain_data(line).strip(" \"'“”*-") for line in reply.splitlines() if line.strip()]
        usable = len(lines) == 1 and _FEWEST_WORDS <= len(lines[0].split()) <= _MOST_WORDS and not refuses(lines[0])
        return lines[0] if usable else text


def rewording_of(settings: Settings) -> Rewording | None:
    """What rewords with the model of the settings; None where there is none.

    Raises:
        EngineError: The model cannot be opened.
    """
    if settings.engine == EXTRACTIVE:
        return None
    return Rewording(open_engine(settings.engine, settings), Prompts(settings.prompts_dir))
