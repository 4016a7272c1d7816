"""`pytest --assistant-cases FILE`: each case is a test. Without the option this module only adds the option.

What runs the cases lives in `pytest_cases`, which is loaded on demand: every pytest of an environment that has this
package loads this file, and should not notice it.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("assistant", "cited answers as tests")
    group.addoption(
        "--assistant-cases",
        action="append",
        metavar="FILE",
        help="case file (JSON Lines) whose cases are run as tests; can be given several times",
    )
    group.addoption(
        "--assistant-tier",
        choices=("smoke", "full"),
        default="full",
        help="which cases to run (default: full)",
    )
    group.addoption(
        "--assistant-engine", metavar="ENGINE", help="extractive or PROVIDER:MODEL (default: the settings')"
    )
    group.addoption("--assistant-data-dir", metavar="DIR", help="data folder of the assistant (default: the settings')")
    group.addoption(
        "--assistant-services",
        metavar="MODULE:FUNCTION",
        default="assistant.cli:eval_services",
        help="what opens the assistant (default: %(default)s)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Load what runs the cases where the option asks for it."""
    if config.getoption("--assistant-cases"):
        config.pluginmanager.import_plugin("assistant.evals.pytest_cases")
