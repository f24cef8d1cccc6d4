"""What more than one component a layer buys, on the shipped zoo."""

import json
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from hamlet_sidecar.w2w.bases import open_base
from hamlet_sidecar.w2w.layout import Layout
from hamlet_sidecar.w2w.pca import fit
from hamlet_sidecar.w2w.read import LoraFile
from hamlet_sidecar.w2w.theta_matrix import Energy

COUNTS = (1, 2, 4, 8)
FOLDS, REPEATS, STRENGTH = 5, 2, 0.003


def components(weights: Path) -> dict:
    """For each k: energy kept, how much a held-out LoRA loses, and how well the 16 styles are told apart by
    coordinates in 100 dimensions (mean balanced accuracy, one style against the rest, stratified 5-fold).
    """
    base = open_base(weights / 'diffusion')
    cards = [json.loads(path.read_text()) for path in sorted((weights / 'loras/cards').glob('*.json'))]
    files = [LoraFile(weights / 'loras' / card['file'], base.layers, base.weight) for card in cards]
    common = sorted(set.intersection(*(set(file.layers()) for file in files)))
    styles = np.array([card['styles'][0]['style'] for card in cards])
    return {'loras': len(files), 'byK': {str(k): _with(k, files, common, base, styles) for k in COUNTS}}


def _with(k: int, files: list[LoraFile], common: list[str], base, styles: np.ndarray) -> dict:
    layout, energy = Layout(tuple((name, tuple(base.layers[name])) for name in common), k), Energy()
    rows = torch.stack([layout.theta(file.delta_or_none, tell=energy.see) for file in files]).numpy()
    figures = {}
    for signs in ('canonical', 'raw'):
        fitted = fit(rows.copy(), layout, 100, canonical=signs == 'canonical', seed=1)
        figures[signs] = {
            'heldoutError': fitted.heldout,
            'balancedAccuracy': _told_apart(fitted.coordinates.numpy(), styles),
        }
    return {'numbers': layout.size, 'energyKept': energy.total(), **figures}


def _told_apart(coordinates: np.ndarray, styles: np.ndarray) -> float:
    scores = []
    for style in sorted(set(styles)):
        classifier = LogisticRegression(C=STRENGTH, class_weight='balanced', max_iter=1000)
        for repeat in range(REPEATS):
            folds = StratifiedKFold(FOLDS, shuffle=True, random_state=repeat)
            asked = cross_val_score(
                classifier, coordinates, styles == style, cv=folds, scoring='balanced_accuracy'
            )
            scores.append(asked.mean())
    return round(float(np.mean(scores)), 3)
