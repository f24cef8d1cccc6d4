"""Edits between two styles: does the target's probability rise with α, and does nothing else move?"""

from dataclasses import replace

import numpy as np
import torch

from hamlet_sidecar.w2w.cross_validation import Z
from hamlet_sidecar.w2w.direction import learn_direction, orthogonal
from hamlet_sidecar.w2w.edit import axes_of, step
from hamlet_sidecar.w2w.hyperplane import fit_hyperplane
from hamlet_sidecar.w2w.report.kept import Kept
from hamlet_sidecar.w2w.report.oracle import Oracle
from hamlet_sidecar.w2w.report.zoo import Zoo, rows_of
from hamlet_sidecar.w2w.spaces import Space

ALPHAS = (0.0, 0.5, 1.0, 1.5, 2.0)
# What an edit should leave as it is, in parts of what the target gains.
MOVED = {
    'unrelatedStylesShare': 'unrelatedStyles',
    'subjectMovedShare': 'subjectMoved',
    'paletteMovedShare': 'paletteMoved',
    # So large would they be if nothing moved, by the spread over pictures.
    'unrelatedStylesChanceShare': 'stylesByChance',
    'subjectChanceShare': 'subjectByChance',
}


def style_pairs(styles: list[str], count: int, seed: int) -> list[tuple[str, str]]:
    every = [(a, b) for i, a in enumerate(styles) for b in styles[i + 1 :]]
    order = np.random.default_rng(seed).permutation(len(every))
    return [every[i] for i in order[:count]]


def edit_pairs(
    space: Space,
    zoo: Zoo,
    oracle: Oracle,
    pairs: list[tuple[str, str]],
    kept: Kept,
    alphas=ALPHAS,
    apart: bool = False,
) -> list[dict]:
    """Each pair both ways, from the mean of the space: +α towards the first, −α towards the second.

    `apart`: less what the directions of all other styles have.
    """
    method = space.about['method'] + ('-apart' if apart else '')
    styles = directions_of_styles(space, zoo) if apart else {}
    at_mean = torch.zeros(space.dimensions)
    start = kept.get(f'{method}:mean', lambda: oracle.look(space.edited(None, at_mean)))
    found = []
    for pair in pairs:
        main = {card['id']: card['styles'][0]['style'] for card in zoo.cards}
        labels = {name: style == pair[0] for name, style in main.items() if style in pair}
        direction = learn_direction(space, 'report', '-'.join(pair), labels, {})
        if apart:
            others = [vector for style, vector in styles.items() if style not in pair]
            direction = replace(direction, vector=orthogonal(direction.vector, others))
        axes = axes_of(space, 'report', [direction], False)
        for target, other, sign in ((*pair, 1.0), (pair[1], pair[0], -1.0)):
            seen = [start]
            for alpha in alphas[1:]:
                moved = step(axes, [sign * alpha])
                name = f'{method}:{pair[0]}-{pair[1]}:{sign * alpha:+g}'
                seen.append(kept.get(name, lambda moved=moved: oracle.look(space.edited(None, moved))))
            found.append(verdict(seen, target, other, oracle.styles))
    return found


def directions_of_styles(space: Space, zoo: Zoo) -> dict[str, torch.Tensor]:
    normals = {}
    for style in zoo.styles:
        coordinates, labels, _ = rows_of(space, zoo.planted(style))
        normal = fit_hyperplane(coordinates, labels).normal
        normals[style] = (normal / normal.norm()).float()
    return normals


def verdict(seen: list[dict], target: str, other: str, styles: list[str]) -> dict:
    """`seen`: what the oracle says at each α, picture by picture with the same seeds."""
    at = styles.index(target)
    probabilities = np.array([[row[at] for row in each['styles']] for each in seen])
    steps = np.diff(probabilities, axis=0)
    errors = Z * steps.std(1, ddof=1) / steps.shape[1] ** 0.5
    gained = float(probabilities[-1].mean() - probabilities[0].mean())
    ends = [np.array(each['styles']).mean(0) for each in (seen[0], seen[-1])]
    apart = [i for i, style in enumerate(styles) if style not in (target, other)]
    moved = np.abs(ends[1] - ends[0])[apart]
    changes = {name: np.subtract(seen[-1][name], seen[0][name]) for name in ('styles', 'subject', 'palette')}
    subject, palette = (abs(float(changes[name].mean())) for name in ('subject', 'palette'))
    return {
        'target': target,
        'other': other,
        'probability': [round(float(p), 4) for p in probabilities.mean(1)],
        'gained': round(gained, 4),
        'rises': bool((steps.mean(1) >= -errors).all() and gained > 0),
        'subjectRecognised': [round(float(np.mean(each['recognised'])), 4) for each in seen],
        'unrelatedStyles': round(float(moved.mean()), 4),
        'subjectMoved': round(subject, 4),
        'paletteMoved': round(palette, 4),
        'stylesByChance': round(float(by_chance(changes['styles'])[apart].mean()), 4),
        'subjectByChance': round(float(by_chance(changes['subject'])), 4),
    }


def by_chance(changes: np.ndarray) -> np.ndarray:
    """changes: (pictures, …). How far from none their mean is expected to be where there is no change at all."""
    return (2 / np.pi) ** 0.5 * changes.std(0, ddof=1) / len(changes) ** 0.5


def told(edits: list[dict], seed: int = 0) -> dict:
    """Shares of the edits, each way counted, with Wilson's intervals; the gain with a bootstrap over edits."""
    gains = np.array([each['gained'] for each in edits])
    random = np.random.default_rng(seed)
    means = gains[random.integers(len(gains), size=(2000, len(gains)))].mean(1)
    gain = float(gains.mean())
    moved = {
        name: round(float(np.mean([each[of] for each in edits])) / gain, 4) if gain > 0 else None
        for name, of in MOVED.items()
    }
    return {
        'edits': len(edits),
        'rises': share(sum(each['rises'] for each in edits), len(edits)),
        'gained': {
            'mean': round(gain, 4),
            'interval': np.round(np.quantile(means, [0.025, 0.975]), 4).tolist(),
        },
        'subjectRecognised': round(float(np.mean([each['subjectRecognised'][1:] for each in edits])), 4),
        **moved,
    }


def share(hits: int, n: int) -> dict:
    """Wilson's interval, 95 %."""
    rate, z2 = hits / n, Z * Z
    middle = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * (rate * (1 - rate) / n + z2 / (4 * n * n)) ** 0.5
    return {'share': round(rate, 4), 'interval': [round(middle - half, 4), round(middle + half, 4)], 'of': n}
