"""Paired bootstrap: prompts are drawn again, each with both of its pictures."""

from collections.abc import Sequence

import numpy as np

DRAWS, AT_ONCE = 2000, 100


def bootstrap(values: np.ndarray, seed: int = 1) -> list[float]:
    """Mean, and the 2.5 and 97.5 percent points of its bootstrap distribution."""
    return stratified([values], seed)


def stratified(strata: Sequence[np.ndarray], seed: int = 1) -> list[float]:
    """The same of the mean over strata that count alike (topics); pairs are drawn again within their own."""
    random = np.random.default_rng(seed)
    means = np.mean([_means(values, random) for values in strata], axis=0)
    low, high = np.percentile(means, [2.5, 97.5])
    mean = np.mean([values.mean() for values in strata])
    return [round(float(x), 4) for x in (mean, low, high)]


def _means(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(DRAWS,)"""
    drawn = [random.integers(len(values), size=(AT_ONCE, len(values))) for _ in range(DRAWS // AT_ONCE)]
    return np.concatenate([values[some].mean(1) for some in drawn])


def wins(tuned: np.ndarray, base: np.ndarray) -> np.ndarray:
    """1 where the tuned model's picture scores higher, a half where they are equal."""
    return (tuned > base) + 0.5 * (tuned == base)
