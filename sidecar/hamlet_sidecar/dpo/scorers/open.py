"""From a spec's words to a scorer."""

from typing import Any

from hamlet_sidecar.dpo.scorers.clip_scores import clip_score, pick_score
from hamlet_sidecar.dpo.scorers.hps import HpsScorer
from hamlet_sidecar.dpo.scorers.port import Scorer
from hamlet_sidecar.dpo.scorers.preference import preference_score


def open_scorer(asked: dict[str, Any], job) -> Scorer:
    """asked: {name, weights?, clip?}, paths in the artifact folder. Raises SidecarError `scorer-without-weights`."""
    weights, clip = (job.path(asked[key]) if key in asked else None for key in ('weights', 'clip'))
    match asked['name']:
        case 'hpsv2.0' | 'hpsv2.1':
            return HpsScorer(weights, asked['name'].removeprefix('hpsv'))
        case 'pickscore':
            return pick_score(weights)
        case 'clip-score':
            return clip_score(weights)
        case _:
            return preference_score(weights, clip, asked['name'])
