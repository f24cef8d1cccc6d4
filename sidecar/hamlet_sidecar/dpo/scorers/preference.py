"""The demo world's stand-in for HPSv2: a line through a CLIP's picture vectors, fitted to planted pairs.

Bradley and Terry (1952): the chance that a picture is preferred is the logistic of the difference of scores.
It knows what the pairs' people like and nothing of other people; the prompt plays no part.
"""

from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from hamlet_sidecar.artifacts import describe_file
from hamlet_sidecar.dpo.scorers.clip_scores import ClipScorer, clip_score
from hamlet_sidecar.dpo.scorers.port import batched, require_weights


class PreferenceScorer:
    """`name`: `preference` is what a world's people like, `taste` what one person does."""

    within_prompt = False

    def __init__(self, clip: ClipScorer, direction: np.ndarray, version: str, name: str = 'preference'):
        self.clip, self.direction, self.version, self.name = clip, direction, version, name

    def __call__(self, pixels: np.ndarray, prompts: list[str]) -> np.ndarray:
        return batched(
            lambda some, _: self.clip.of_pictures(some).cpu().numpy() @ self.direction, pixels, prompts
        )


def fit_preference(winners: np.ndarray, losers: np.ndarray, strength: float = 10.0) -> np.ndarray:
    """winners, losers: (pairs, length) unit vectors. The direction, by logistic regression without intercept."""
    from sklearn.linear_model import LogisticRegression

    differences = np.concatenate([winners - losers, losers - winners])
    labels = np.repeat([1, 0], len(winners))
    model = LogisticRegression(C=strength, fit_intercept=False, max_iter=1000)
    return model.fit(differences, labels).coef_[0].astype(np.float32)


def save_preference(direction: np.ndarray, file: Path) -> None:
    save_file({'direction': direction}, file)


def preference_score(weights: Path | None, clip: Path | None, name: str = 'preference') -> PreferenceScorer:
    file = require_weights(weights, f'the {name} model', 'a .safetensors with `direction`')
    with safe_open(file, framework='numpy') as tensors:
        direction = tensors.get_tensor('direction')
    return PreferenceScorer(clip_score(clip), direction, describe_file(file)['sha256'][:12], name)
