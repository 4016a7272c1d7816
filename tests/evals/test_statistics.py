"""Tests and intervals against textbook values and against simulation."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evals.statistics import (
    bootstrap_mean,
    bootstrap_ratio,
    bootstrap_ratio_difference,
    holm,
    mcnemar_exact,
    permutation_test,
    smallest_detectable_loss,
)


@pytest.mark.parametrize(
    ("better", "worse", "p"), [(0, 0, 1), (5, 5, 1), (0, 6, 2 / 64), (1, 9, 22 / 1024), (9, 1, 22 / 1024)]
)
def test_mcnemar_gives_the_binomial_tail(better: int, worse: int, p: float) -> None:
    assert mcnemar_exact(better, worse) == pytest.approx(p)


@given(st.integers(0, 12), st.integers(0, 12))
def test_permuting_signs_of_yes_no_differences_is_mcnemar(better: int, worse: int) -> None:
    differences = [1.0] * better + [-1.0] * worse + [0.0] * 5
    exact = mcnemar_exact(better, worse)
    assert permutation_test(differences) == pytest.approx(exact, abs=0 if better + worse == 0 else 0.02)


def test_few_differences_are_permuted_exactly() -> None:
    assert permutation_test([0.2, 0.1, 0.0]) == pytest.approx(2 / 4)
    assert permutation_test([0.5] * 6) == pytest.approx(2 / 64)


def test_resampling_is_repeatable_and_covers_the_mean() -> None:
    values = [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.5]
    one, other = bootstrap_mean(values), bootstrap_mean(values)
    assert one == other
    assert one.low < sum(values) / len(values) < one.high
    assert bootstrap_mean([0.3, 0.3]).low == bootstrap_mean([0.3, 0.3]).high == 0.3
    with pytest.raises(ValueError, match="at least one"):
        bootstrap_mean([])


def test_the_bootstrap_interval_holds_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(200):
        interval = bootstrap_mean(rng.binomial(1, 0.7, 80).tolist(), resamples=400)
        held += interval.low <= 0.7 <= interval.high
    assert 0.88 <= held / 200 <= 0.99


def test_a_ratio_whose_denominators_are_1_is_resampled_as_a_mean() -> None:
    values = [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0]
    found, mean = bootstrap_ratio([(v, 1) for v in values]), bootstrap_mean(values)
    assert found is not None
    assert found.low == pytest.approx(mean.low)
    assert found.high == pytest.approx(mean.high)


def test_a_ratio_is_resampled_where_it_exists_and_has_no_interval_where_it_never_does() -> None:
    assert bootstrap_ratio([(0, 0), (0, 0)]) is None
    assert bootstrap_ratio([]) is None
    assert bootstrap_ratio_difference([(1, 1), (1, 1)], [(0, 0), (0, 0)]) is None
    rare = bootstrap_ratio([(1, 1)] + [(0, 0)] * 9)
    assert rare is not None
    assert (rare.low, rare.high) == (1, 1)


def test_the_interval_of_a_difference_of_ratios_holds_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(60):
        must = rng.random(150) < 0.3
        runs = []
        for wrongly in (0.05, 0.2):
            declined = np.where(must, rng.random(150) < 0.9, rng.random(150) < wrongly)
            runs.append([(float(m and d), float(d)) for m, d in zip(must, declined, strict=True)])
        interval = bootstrap_ratio_difference(*runs)
        assert interval is not None
        true = 0.27 / (0.27 + 0.7 * 0.2) - 0.27 / (0.27 + 0.7 * 0.05)
        held += interval.low <= true <= interval.high
    assert held >= 52


def test_holm_is_that_of_the_paper() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == {
        "a": pytest.approx(0.03),
        "b": pytest.approx(0.06),
        "c": pytest.approx(0.06),
    }
    assert holm({}) == {}


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_adjusting_never_lowers_a_p_value_and_keeps_their_order(p_values: dict[str, float]) -> None:
    adjusted = holm(p_values)
    assert list(adjusted) == list(p_values)
    assert all(p_values[n] - 1e-12 <= adjusted[n] <= 1 for n in p_values)
    ordered = sorted(p_values, key=lambda n: p_values[n])
    assert all(adjusted[a] <= adjusted[b] for a, b in pairwise(ordered))


def test_440_cases_show_a_loss_of_4_points_where_1_case_in_20_flips_anyway() -> None:
    assert smallest_detectable_loss(440, noise=0.05) == pytest.approx(0.04, abs=0.001)


def test_the_detectable_loss_shrinks_with_cases_and_grows_with_noise() -> None:
    losses = [smallest_detectable_loss(n) or 1 for n in (40, 100, 400, 1600)]
    assert losses == sorted(losses, reverse=True)
    assert (smallest_detectable_loss(400, noise=0.1) or 0) > (smallest_detectable_loss(400) or 0)
    assert smallest_detectable_loss(5) is None


@pytest.mark.parametrize(("cases", "noise"), [(200, 0.0), (440, 0.05), (440, 0.15)])
def test_the_detectable_loss_is_found_about_8_times_of_10(cases: int, noise: float) -> None:
    loss = smallest_detectable_loss(cases, noise=noise)
    assert loss is not None
    rng = np.random.default_rng(11)
    draws = rng.multinomial(cases, [noise / 2, noise / 2 + loss, 1 - noise - loss], size=1000)
    found = np.mean([mcnemar_exact(int(b), int(w)) < 0.05 for b, w, _ in draws])
    assert 0.74 <= found <= 0.93
