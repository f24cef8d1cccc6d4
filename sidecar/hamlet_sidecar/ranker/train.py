"""Job `train-ranker`: logged lists to an artifact `ranker-image` or `ranker-model` that orders the next ones."""

from typing import Any

import numpy as np

from hamlet_sidecar.ranker.comparison import compare
from hamlet_sidecar.ranker.export import export_ranker
from hamlet_sidecar.ranker.fit import Fitted, fit, losses_apart, simplest_of
from hamlet_sidecar.ranker.impressions import Impressions, read_impressions, split_by_time
from hamlet_sidecar.ranker.model import MODELS

# `chosen`: the simplest that lists which it was not fitted on do not speak against.
DEFAULTS: dict[str, Any] = {'items': 'image', 'model': 'chosen', 'seed': 1}


def run(spec: dict, job) -> dict:
    """Chooses and fits on earlier lists, is judged on the latest; its report says how it does beside what served."""
    spec = {**DEFAULTS, **spec}
    learned = read_impressions(job.path(spec['impressions']))
    earlier, later = split_by_time(learned)
    latest = len(np.unique(later.lists))
    job.log(
        f'{len(np.unique(learned.lists))} lists, {len(learned.lists)} places shown, judged by the latest {latest}'
    )
    places = int(learned.positions.max()) + 1
    wanted = MODELS if spec['model'] == 'chosen' else (spec['model'],)
    losses = {model: losses_apart(model, earlier, places, spec['seed'], job) for model in wanted}
    chosen = fit(simplest_of(losses), earlier, places, spec['seed'], job)
    report = report_on(chosen, losses, later, spec['seed'])
    job.log(f'{chosen.model}: {report["comparison"]}')
    artifact = export_ranker(job.artifacts, chosen, learned, spec, report)
    return {'artifact': artifact, **report, 'spec': spec}


def report_on(chosen: Fitted, losses: dict[str, np.ndarray], later: Impressions, seed: int) -> dict:
    """`effects`: by how much a feature at 1 raises the logit over the same rows with it at 0, in the mean."""
    return {
        'model': chosen.model,
        'validation': {model: float(each.mean()) for model, each in losses.items()},
        'effects': {name: effect(chosen, later.features, n) for n, name in enumerate(later.names)},
        'attention': [round(float(chance), 4) for chance in chosen.attention[:20]],
        'comparison': compare(later, chosen.scores(later.features), chosen.attention, seed),
    }


def effect(chosen: Fitted, features: np.ndarray, column: int) -> float:
    def logits(value: float) -> np.ndarray:
        moved = features.copy()
        moved[:, column] = value
        chances = chosen.scores(moved).astype(float).clip(1e-9, 1 - 1e-9)
        return np.log(chances / (1 - chances))

    return float((logits(1.0) - logits(0.0)).mean())
