"""What one person likes, from pictures that make no pair: the judge of an adapter that is theirs alone."""

import hashlib

import numpy as np
from safetensors.numpy import save

from hamlet_sidecar.dpo.pairs.pool import Pool
from hamlet_sidecar.dpo.scorers.clip_scores import ClipScorer
from hamlet_sidecar.dpo.scorers.preference import fit_preference

FILE = 'taste.safetensors'
# One picture in so many is set aside.
SET_ASIDE = 4
FEWEST, COMPARED = 5, 400


def set_aside(pool: Pool) -> tuple[Pool, Pool]:
    """Pictures that pairs may be made of, and those that judge. By their digest: the same whenever it is asked."""
    judging = np.array(
        [hashlib.sha256(name.encode()).digest()[1] % SET_ASIDE == 0 for name in pool.ids], bool
    )
    return pool.only(np.flatnonzero(~judging)), pool.only(np.flatnonzero(judging))


def learn_taste(judging: Pool, user: int, clip: ClipScorer, seed: int) -> tuple[bytes | None, dict[str, int]]:
    """A file for the scorer `taste`, and of how many pictures it was made. No file where FEWEST are not reached."""
    mine = judging.showings.of(judging.showings.user == user)
    liked, passed = mine.picture[mine.liked], mine.picture[mine.seen & ~mine.liked]
    told = {'liked': len(liked), 'passedOver': len(passed)}
    if min(told.values()) < FEWEST:
        return None, told
    vectors = clip.of_pictures(judging.pixels).cpu().numpy()
    random = np.random.default_rng([seed, 11])
    winners, losers = (random.choice(pictures, COMPARED) for pictures in (liked, passed))
    return save({'direction': fit_preference(vectors[winners], vectors[losers])}), told
