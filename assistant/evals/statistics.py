"""Is a difference noise? Paired resampling, exact tests, correction for many metrics, and power.

All functions are deterministic: random draws come from a generator with a fixed seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

SEED = 44001
RESAMPLES = 10_000
EXACT_SIGNS = 14
_TAILS = [0.025, 0.975]
_CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


def bootstrap_mean(values: Sequence[float], *, resamples: int = RESAMPLES) -> Interval:
    """Percentile bootstrap interval of a mean over cases (Efron and Tibshirani, 1993, chapter 13).

    Given the differences of two runs case by case it is the paired bootstrap (Koehn, EMNLP 2004; Berg-Kirkpatrick
    et al., EMNLP 2012). Give one value a case: cases are what is resampled.

    Raises:
        ValueError: There is no value.
    """
    if not values:
        raise ValueError("a bootstrap needs at least one value")
    data = np.asarray(values, dtype=float)
    if np.all(data == data[0]):
        return Interval(float(data[0]), float(data[0]))
    rng = np.random.default_rng(SEED)
    rows = max(1, _CHUNK // len(data))
    means: list[float] = []
    while len(means) < resamples:
        size = min(rows, resamples - len(means))
        means += data[rng.integers(0, len(data), size=(size, len(data)))].mean(axis=1).tolist()
    low, high = np.quantile(means, _TAILS)
    return Interval(float(low), float(high))


def bootstrap_ratio(parts: Sequence[tuple[float, float]]) -> Interval | None:
    """Percentile bootstrap interval of a ratio of sums: cases are resampled and both sums are taken anew.

    Args:
        parts: (numerator, denominator) of each case.

    Returns:
        The interval over the resamples in which the ratio exists, None where it exists in none.
    """
    return _interval_of_ratios(np.asarray(parts, dtype=float).reshape(-1, 2))


def bootstrap_ratio_difference(
    base: Sequence[tuple[float, float]], new: Sequence[tuple[float, float]]
) -> Interval | None:
    """Paired bootstrap interval of the difference of two ratios of sums (Efron and Tibshirani, 1993, chapter 10).

    Args:
        base: (numerator, denominator) of each case in the base run.
        new: The same of the new run, in the same order.

    Returns:
        The interval of new - base over the resamples in which both ratios exist, None where they exist in none.
    """
    columns = (np.asarray(run, dtype=float).reshape(-1, 2) for run in (base, new))
    return _interval_of_ratios(np.hstack(tuple(columns)))


def _interval_of_ratios(data: NDArray[np.float64]) -> Interval | None:
    """Columns are numerator and denominator of one run, or of two whose difference (second - first) is wanted."""
    if not len(data):
        return None
    rng = np.random.default_rng(SEED)
    rows = max(1, _CHUNK // data.size)
    found: list[float] = []
    for start in range(0, RESAMPLES, rows):
        drawn = rng.integers(0, len(data), size=(min(rows, RESAMPLES - start), len(data)))
        sums = data[drawn].sum(axis=1)
        sums = sums[(sums[:, 1::2] > 0).all(axis=1)]
        ratios = sums[:, 0::2] / sums[:, 1::2]
        found += (ratios[:, -1] - (ratios[:, 0] if ratios.shape[1] > 1 else 0.0)).tolist()
    if not found:
        return None
    low, high = np.quantile(found, _TAILS)
    return Interval(float(low), float(high))


def mcnemar_exact(better: int, worse: int) -> float:
    """Two-sided exact McNemar test of paired yes/no outcomes (McNemar, 1947; exact binomial form).

    Args:
        better: Cases that only the new run gets right.
        worse: Cases that only the base run gets right.

    Returns:
        p; 1 where nothing changed.
    """
    changed = better + worse
    tail = sum(math.comb(changed, i) for i in range(min(better, worse) + 1))
    return min(1.0, float(2 * tail / 2**changed))


def permutation_test(differences: Sequence[float], *, resamples: int = RESAMPLES) -> float:
    """Two-sided paired permutation test of a mean difference by flipping signs (Fisher; Smucker et al., CIKM 2007).

    Exact up to `EXACT_SIGNS` differences that are not 0, else by random flips with the observed one counted in
    (Phipson and Smyth, 2010), so that p is never 0.
    """
    data = np.asarray([d for d in differences if d != 0], dtype=float)
    if len(data) == 0:
        return 1.0
    observed = abs(data.sum()) * (1 - 1e-12)
    if len(data) <= EXACT_SIGNS:
        patterns = np.arange(2 ** len(data))[:, None] >> np.arange(len(data)) & 1
        return float(np.mean(np.abs((1 - 2 * patterns) @ data) >= observed))
    rng = np.random.default_rng(SEED)
    rows = max(1, _CHUNK // len(data))
    done = extreme = 0
    while done < resamples:
        size = min(rows, resamples - done)
        signs = 1 - 2 * rng.integers(0, 2, size=(size, len(data)))
        extreme += int(np.sum(np.abs(signs @ data) >= observed))
        done += size
    return (extreme + 1) / (resamples + 1)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p values adjusted for how many they are (Holm, 1979): the chance of any false alarm stays below the level."""
    ordered = sorted(p_values, key=lambda name: (p_values[name], name))
    adjusted: dict[str, float] = {}
    highest = 0.0
    for rank, name in enumerate(ordered):
        highest = max(highest, min(1.0, (len(ordered) - rank) * p_values[name]))
        adjusted[name] = highest
    return {name: adjusted[name] for name in p_values}


def smallest_detectable_loss(
    cases: int, *, noise: float = 0.0, power: float = 0.8, alpha: float = 0.05
) -> float | None:
    """The smallest true loss that a paired yes/no metric shows with the given power.

    The larger of two bounds: Connor's sample size for McNemar's test (Connor, Biometrics 43, 1987) where `noise` of
    the cases flip either way besides those that are lost, and, since the exact test cannot speak of a handful of
    flips, the loss that yields the fewest one-way flips which it calls significant. See also Card et al., "With
    Little Power Comes Great Responsibility", EMNLP 2020.

    Args:
        cases: Number of paired cases.
        noise: Share of cases that flip without a true change, half of them each way.
        power: How often the loss must show.
        alpha: Two-sided level of the test.

    Returns:
        A share from 0 to 1, None where so few cases can show nothing.
    """
    normal = NormalDist()
    z_alpha, z_power = normal.inv_cdf(1 - alpha / 2), normal.inv_cdf(power)

    def enough_by_connor(loss: float) -> bool:
        discordant = min(1.0, noise + loss)
        spread = max(0.0, discordant - loss * loss)
        return (z_alpha * math.sqrt(discordant) + z_power * math.sqrt(spread)) ** 2 <= cases * loss * loss

    needed = next(n for n in range(1, 10_000) if mcnemar_exact(0, n) <= alpha)

    def enough_by_counts(loss: float) -> bool:
        missed = sum(math.comb(cases, i) * loss**i * (1 - loss) ** (cases - i) for i in range(min(needed, cases + 1)))
        return 1 - missed >= power

    if cases < needed:
        return None
    bounds = [_least(enough_by_connor), _least(enough_by_counts)]
    return None if None in bounds else max(b for b in bounds if b is not None)


def _least(holds: Callable[[float], bool]) -> float | None:
    """The least x in (0, 1] for which a condition that stays true holds, by bisection."""
    if not holds(1.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
