"""How much a picture is liked by those who have seen it, whatever its position was."""

from dataclasses import dataclass

import numpy as np

from hamlet_sidecar.dpo.pairs.examination import Examination
from hamlet_sidecar.dpo.pairs.pool import Showings

# Showings' worth of the mean that a picture starts with.
PRIOR = 4.0


@dataclass(frozen=True)
class Rates:
    """Mean and variance of each picture's like rate given what was seen (Beta); `exposure` in looks."""

    mean: np.ndarray
    variance: np.ndarray
    exposure: np.ndarray


def like_rates(showings: Showings, examination: Examination, pictures: int) -> Rates:
    """A showing counts as much as it was looked at: the whole of a seen one, else its position's chance."""
    looked = np.where(showings.seen | showings.liked, 1.0, examination.at(showings.position))
    exposure = np.bincount(showings.picture, looked, minlength=pictures)
    likes = np.bincount(showings.picture, showings.liked.astype(float), minlength=pictures)
    usual = (likes.sum() + 0.5) / (exposure.sum() + 1)
    a, b = likes + PRIOR * usual, exposure - likes + PRIOR * (1 - usual)
    return Rates(a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1)), exposure)
