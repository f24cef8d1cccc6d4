"""From candidates to a set: each pair once, none of two pictures that look the same, prompts held out."""

import hashlib
from collections import Counter

import numpy as np

from hamlet_sidecar.dpo.pair_set import Pair, PairSet, require_enough
from hamlet_sidecar.dpo.pairs.candidates import Candidates, random_pairs
from hamlet_sidecar.dpo.pairs.clusters import parts_of, shared_prompt
from hamlet_sidecar.dpo.pairs.pool import Pool
from hamlet_sidecar.errors import SidecarError

# Cosine of CLIP's picture vectors.
NEARLY_THE_SAME = 0.995
# One prompt in so many trains nothing.
HELD_OUT = 5
FEWEST_HELD_OUT = 8
MOST_HELD_OUT = 400


class Seen:
    """What CLIP sees: how alike two pictures are, and how well one fits a prompt.

    A winner that fits the pair's prompt less than the loser teaches to draw something else: on the demo world
    such pairs cost 2 % of CLIP score (LOG.md).
    """

    def __init__(self, vectors: np.ndarray, embed):
        self.vectors, self.embed = vectors, embed
        self.texts: dict[str, np.ndarray] = {}

    def alike(self, first: int, second: int) -> float:
        return float(self.vectors[first] @ self.vectors[second])

    def fit(self, picture: int, prompt: str) -> float:
        if prompt not in self.texts:
            self.texts[prompt] = np.asarray(self.embed([prompt]))[0]
        return float(self.vectors[picture] @ self.texts[prompt])


def is_held_out(prompt: str) -> bool:
    """By its digest, so that all sets of one pool hold out the same. What says only what is shown trains."""
    digest = hashlib.sha256(prompt.encode()).digest()
    return len(parts_of(prompt)) > 1 and digest[0] % HELD_OUT == 0


def select(
    pool: Pool,
    labels: np.ndarray,
    seen: Seen,
    candidates: Candidates,
    source: str,
    score: dict[str, str],
    count: int,
    seed: int,
) -> PairSet:
    """Raises SidecarError `all-ties` or `pairs-too-few`."""
    left_out = Counter(pool.left_out) + candidates.left_out
    pairs: list[tuple[int, int, Pair]] = []
    known: set[tuple[int, int]] = set()
    places: dict[int, int] = {}
    for winner, loser, cluster, margin in candidates.found:
        prompt = shared_prompt(pool.prompts[winner], pool.prompts[loser], opening(pool.prompts[winner]))
        reason = (
            'repeated'
            if (winner, loser) in known or (loser, winner) in known
            else 'near-identical'
            if seen.alike(winner, loser) > NEARLY_THE_SAME
            else 'held-out'
            if is_held_out(prompt)
            else 'off-prompt'
            if seen.fit(winner, prompt) < seen.fit(loser, prompt)
            else None
        )
        known.add((winner, loser))
        if reason:
            left_out[reason] += 1
        elif len(pairs) < count:
            own = [places.setdefault(place, len(places)) for place in (winner, loser)]
            pairs.append((winner, loser, Pair(*own, prompt, cluster, round(margin, 4))))
    if not candidates.found and candidates.left_out['ties']:
        raise SidecarError('all-ties', f'all {candidates.left_out["ties"]} pairs are ties')
    require_enough(len(pairs), ', '.join(f'{n} {why}' for why, n in sorted(left_out.items()) if n))
    held_out = held_out_prompts(pool.prompts, labels, seed)
    trained = sorted({pair.prompt for _, _, pair in pairs})
    enough = len(held_out) >= FEWEST_HELD_OUT
    sizes = Counter(int(label) for label in labels)
    statistics = {
        'pairs': len(pairs),
        'pictures': len(places),
        'prompts': len(trained),
        'heldOut': len(held_out),
        'heldOutTrained': not enough,
        'clusters': len([label for label in sizes if label >= 0]),
        'clusterSizes': [size for label, size in sorted(sizes.items()) if label >= 0],
        'noise': sizes[-1],
        'leftOut': {why: n for why, n in sorted(left_out.items()) if n},
        'margin': round(float(np.mean([pair.margin for _, _, pair in pairs])), 4),
    }
    chosen = [pool.ids[place] for place in places]
    return PairSet(
        source,
        score,
        pool.pixels[list(places)],
        chosen,
        [pair for _, _, pair in pairs],
        held_out if enough else trained,
        statistics,
    )


def held_out_prompts(prompts: list[str], labels: np.ndarray, seed: int) -> list[str]:
    random = np.random.default_rng([seed, 9])
    drawn = random_pairs(labels, 20 * MOST_HELD_OUT, random)
    shared = (shared_prompt(prompts[i], prompts[j], opening(prompts[i])) for i, j, _ in drawn)
    found = sorted({prompt for prompt in shared if is_held_out(prompt)})
    return [found[place] for place in random.permutation(len(found))[:MOST_HELD_OUT]]


def opening(prompt: str) -> str:
    return (parts_of(prompt) or [''])[0]
