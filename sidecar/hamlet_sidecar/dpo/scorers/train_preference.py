"""Job `train-preference`: the stand-in for HPSv2, from choices by the mean taste of a world's planted people."""

import json
from typing import Any

import numpy as np

from hamlet_sidecar.dpo.report.planted import planted_pairs
from hamlet_sidecar.dpo.report.studio import clip_vectors
from hamlet_sidecar.dpo.scorers.clip_scores import clip_score
from hamlet_sidecar.dpo.scorers.preference import fit_preference, save_preference
from hamlet_sidecar.pictures import read_pictures

FILE = 'preference.safetensors'
ASKED = 0.2


def run(spec: dict[str, Any], job) -> dict[str, Any]:
    """spec: {renders, clip, truth, pairs?, seed?} → file `preference.safetensors`. `truth` is of `hamlet world truth`."""
    pictures = read_pictures(job.path(spec['renders']))
    clip = clip_score(job.path(spec['clip']))
    tastes = tastes_of(json.loads(job.path(spec['truth']).read_text()), list(pictures.grammar['style']))
    mean = tastes.mean(0)
    # Tastes of thousands nearly cancel out; what is left of them is stretched to 0…1.
    consensus = (mean - mean.min()) / (mean.max() - mean.min())
    chosen = planted_pairs(consensus[None], pictures, spec.get('pairs', 4000), spec.get('seed', 1))
    vectors = clip_vectors(clip, pictures, np.unique(chosen))
    winners, losers = vectors[chosen[:, 0]], vectors[chosen[:, 1]]
    learned = int(len(chosen) * (1 - ASKED))
    direction = fit_preference(winners[:learned], losers[:learned])
    right = float(((winners - losers)[learned:] @ direction > 0).mean())
    save_preference(direction, job.artifacts / FILE)
    return {'file': FILE, 'pairs': learned, 'right': round(right, 4), 'asked': len(chosen) - learned}


def tastes_of(truth: dict, styles: list[str]) -> np.ndarray:
    """(people, styles): the weight of the interest in a style, 0 where there is none."""
    tastes = np.zeros((len(truth['people']), len(styles)))
    for row, person in zip(tastes, truth['people'], strict=True):
        for interest in person['taste']['interests']:
            row[styles.index(interest['style'])] = interest['weight']
    return tastes
