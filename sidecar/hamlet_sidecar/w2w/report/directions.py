"""Whether a space knows the styles: cross-validated hyperplanes against planted labels and against CLIP's."""

import numpy as np
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from hamlet_sidecar.w2w.cross_validation import Z, cross_validate, fold_count, permuted, splits
from hamlet_sidecar.w2w.hyperplane import fit_hyperplane
from hamlet_sidecar.w2w.report.zoo import Zoo, rows_of
from hamlet_sidecar.w2w.spaces import Space

WANTED = {'balancedAccuracy': 0.85, 'auc': 0.92}


def against_planted(space: Space, zoo: Zoo, lineages: dict[str, str]) -> dict:
    """Figures by style, and how many of them reach what is wanted."""
    styles = {}
    for style in zoo.styles:
        coordinates, labels, members = rows_of(space, zoo.planted(style))
        styles[style] = cross_validate(
            coordinates, labels, [lineages.get(member, member) for member in members]
        ).told()
    return {**summary(styles), 'styles': styles}


def summary(styles: dict[str, dict]) -> dict:
    reached = [all(each[name] >= least for name, least in WANTED.items()) for each in styles.values()]
    return {
        'balancedAccuracy': mean_of([each['balancedAccuracy'] for each in styles.values()]),
        'auc': mean_of([each['auc'] for each in styles.values()]),
        'reached': sum(reached),
        'of': len(styles),
    }


def mean_of(values: list[float]) -> dict:
    """With the 95 % interval of a mean over styles."""
    error = Z * float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
    mean = float(np.mean(values))
    return {'mean': round(mean, 4), 'interval': [round(mean - error, 4), round(mean + error, 4)]}


def by_permuted(space: Space, zoo: Zoo, lineages: dict[str, str], runs: int = 5) -> dict:
    means = []
    for n, style in enumerate(zoo.styles):
        coordinates, labels, members = rows_of(space, zoo.planted(style))
        families = [lineages.get(member, member) for member in members]
        means.append(float(np.mean(permuted(coordinates, labels, families, runs, seed=n))))
    return {'balancedAccuracy': mean_of(means), 'runsEach': runs}


def against_clip(space: Space, zoo: Zoo, lineages: dict[str, str], said: dict[str, dict[str, bool]]) -> dict:
    """Hyperplanes learned from CLIP's labels, asked for CLIP's labels and for the planted ones of the same LoRAs."""
    styles = {}
    for style, labels in said.items():
        coordinates, wanted, members = rows_of(space, labels)
        families = [lineages.get(member, member) for member in members]
        planted = zoo.planted(style)
        truth = np.array([planted.get(member, False) for member in members])
        told = np.zeros((5, len(members)))
        for repeat in range(5):
            for train, test in splits(wanted, families, fold_count(wanted, families), repeat):
                plane = fit_hyperplane(coordinates[train], wanted[train])
                told[repeat, test] = plane.scores(coordinates[test]).numpy() - plane.threshold
        styles[style] = {
            **cross_validate(coordinates, wanted, families).told(),
            'labelsAgainstPlanted': round(balanced_accuracy_score(truth, wanted.numpy()), 4),
            'plantedBalancedAccuracy': round(
                float(np.mean([balanced_accuracy_score(truth, row > 0) for row in told])), 4
            ),
            'plantedAuc': round(float(np.mean([roc_auc_score(truth, row) for row in told])), 4),
        }
    planted_of = {
        name: mean_of([each[name] for each in styles.values()])
        for name in ('labelsAgainstPlanted', 'plantedBalancedAccuracy', 'plantedAuc')
    }
    return {**summary(styles), **planted_of, 'styles': styles}
