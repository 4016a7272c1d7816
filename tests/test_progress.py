"""Progress: bars on a terminal that are closed again, a few plain lines anywhere else."""

from __future__ import annotations

import io

from assistant.progress import shown


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_each_stage_has_ten_lines_at_most() -> None:
    out = io.StringIO()
    with shown(out) as progress:
        progress("choosing", 0, 1)
        for done in range(1, 101):
            progress("reading", done, 100)
        progress("writing", 3, 3)
    lines = out.getvalue().splitlines()
    assert lines[:2] == ["reading: 10 of 100", "reading: 20 of 100"]
    assert lines[-2:] == ["reading: 100 of 100", "writing: 3 of 3"]
    assert len(lines) == 11


def test_on_a_terminal_a_stage_is_a_bar_and_the_last_is_closed() -> None:
    out = _Terminal()
    with shown(out) as progress:
        progress("reading", 2, 4)
        progress("writing", 1, 1)
    assert "reading:  50%" in out.getvalue()
    assert "writing: 100%" in out.getvalue()
    assert out.getvalue().endswith("\n")
