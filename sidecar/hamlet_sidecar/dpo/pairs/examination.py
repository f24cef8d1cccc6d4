"""How often each position is looked at: what was passed over far down was perhaps never seen.

Where lists were drawn by lot, position and item are independent once each showing is weighted by one over its
propensity (Wang et al. 2018, result randomisation), so that differences between positions are attention alone.
"""

from dataclasses import dataclass

import numpy as np

from hamlet_sidecar.dpo.pairs.pool import Showings

ENOUGH = 500
LEAST = 0.05


@dataclass(frozen=True)
class Examination:
    """`chances`: of position 0, 1, …, the first being 1. `by`: `draws`, `views` or `none`."""

    chances: np.ndarray
    by: str

    def at(self, positions: np.ndarray) -> np.ndarray:
        """An unknown position counts as looked at; one past the known ones as the last of them."""
        known = self.chances[np.clip(positions, 0, len(self.chances) - 1)]
        return np.where(positions < 0, 1.0, known)


def examination_of(showings: Showings) -> Examination:
    drawn = np.isfinite(showings.propensity) & (showings.propensity > 0) & (showings.position >= 0)
    if drawn.sum() >= ENOUGH:
        some = showings.of(drawn)
        weights = np.minimum(1 / some.propensity, 1 / LEAST)
        looked = np.bincount(some.position, weights * some.seen)
        return Examination(_falling(looked / np.bincount(some.position, weights).clip(1e-9)), 'draws')
    viewed = showings.of(showings.seen & (showings.position >= 0))
    if len(viewed.user) >= ENOUGH:
        # Every page is as long as any other: then fewer views further down are less attention.
        return Examination(_falling(np.bincount(viewed.position).astype(float)), 'views')
    return Examination(np.ones(1), 'none')


def _falling(rates: np.ndarray) -> np.ndarray:
    """Attention never rises down a page; the closest such curve, from 1."""
    from sklearn.isotonic import isotonic_regression

    smooth = isotonic_regression(rates, increasing=False)
    return np.clip(smooth / max(smooth[0], 1e-9), LEAST, 1.0)
