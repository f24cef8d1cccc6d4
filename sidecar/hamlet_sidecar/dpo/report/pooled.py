"""All topics together, from the scores of every pair of pictures."""

from typing import Any

import numpy as np

from hamlet_sidecar.dpo.guards import INFERIOR
from hamlet_sidecar.dpo.intervals import stratified, wins


def pooled(rows: dict[str, dict], source: str) -> dict[str, Any]:
    """rows: topic → source → its row. Topics count alike; pairs are drawn again within their topic."""
    of_topics = [rows[topic][source]['judged'] for topic in rows]
    liked = [_scores(judged['oracle']) for judged in of_topics]
    return {
        'pairs': sum(len(before) for before, _ in liked),
        'winRate': stratified([wins(after, before) for before, after in liked]),
        'clipScore': kept([judged['clip-score'] for judged in of_topics]),
    }


def kept(of_topics: list[dict]) -> dict[str, Any]:
    """Whether CLIP score is non-inferior: mean difference with its interval, and the lower bound of the base's."""
    scores = [_scores(judged) for judged in of_topics]
    base = float(np.mean([before.mean() for before, _ in scores]))
    difference = stratified([after - before for before, after in scores])
    lowest = difference[1] / abs(base)
    return {
        'base': round(base, 4),
        'difference': difference,
        'lowestOfBase': round(lowest, 4),
        'nonInferior': lowest >= INFERIOR,
    }


def _scores(judged: dict) -> tuple[np.ndarray, np.ndarray]:
    before, after = judged['each']
    return np.array(before), np.array(after)


def without_each(told: Any) -> Any:
    """The same without the scores of single pairs, which are for pooling and not for reading."""
    if isinstance(told, dict):
        return {name: without_each(value) for name, value in told.items() if name != 'each'}
    return [without_each(value) for value in told] if isinstance(told, list) else told
