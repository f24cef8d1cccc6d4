"""Paired bootstrap: prompts are drawn again, each with both of its pictures."""

import numpy as np

DRAWS = 2000


def bootstrap(values: np.ndarray, seed: int = 1) -> list[float]:
    """Mean, and the 2.5 and 97.5 percent points of its bootstrap distribution."""
    random = np.random.default_rng(seed)
    means = np.concatenate(
        [values[random.integers(len(values), size=(100, len(values)))].mean(1) for _ in range(DRAWS // 100)]
    )
    low, high = np.percentile(means, [2.5, 97.5])
    return [round(float(x), 4) for x in (values.mean(), low, high)]


def wins(tuned: np.ndarray, base: np.ndarray) -> np.ndarray:
    """1 where the tuned model's picture scores higher, a half where they are equal."""
    return (tuned > base) + 0.5 * (tuned == base)
