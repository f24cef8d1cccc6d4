"""Rankers of ever more lists, as the job trains them, beside what served the latest quarter; run by ranker.ts."""

import json
import sys
from pathlib import Path

import numpy as np
from hamlet_sidecar.ranker.comparison import compare, sum_by_person, told
from hamlet_sidecar.ranker.fit import fit, losses_apart, simplest_of
from hamlet_sidecar.ranker.impressions import Impressions, read_impressions
from hamlet_sidecar.ranker.model import MODELS

JUDGE = 0.25
SEED = 1


class Quiet:
    def raise_if_cancelled(self) -> None: ...

    def progress(self, fraction: float, **figures: float) -> None: ...


def main(folder: str, planted: str, *sizes: str) -> None:
    logged = read_impressions(Path(folder))
    count = int(logged.lists.max()) + 1
    # Lists of other features are left out of what is learned from; they are the oldest.
    affinity = json.loads(Path(planted).read_text())[-count:]
    first = int(count * (1 - JUDGE))
    later = logged.of(logged.lists >= first)
    shown = np.array(
        [
            affinity[n][place]
            for n, place in zip(later.lists, later.positions, strict=True)
        ],
        float,
    )
    places = int(logged.positions.max()) + 1
    curve = []
    for size in sorted({min(int(size), first) for size in sizes}):
        earlier = logged.of((logged.lists >= first - size) & (logged.lists < first))
        losses = {
            model: losses_apart(model, earlier, places, SEED, Quiet())
            for model in MODELS
        }
        figures = {
            "lists": size,
            "actedOn": len(losses["blend"]),
            "chosen": simplest_of(losses),
        }
        for name in dict.fromkeys(["linear", figures["chosen"]]):
            fitted = fit(name, earlier, places, SEED, Quiet())
            scores = fitted.scores(later.features)
            figures[name] = {
                "gate": compare(later, scores, fitted.attention, SEED),
                "planted": by_planted(later, scores, shown),
            }
        print(size, figures["chosen"], file=sys.stderr)
        curve.append(figures)
    print(json.dumps({"lists": count, "judgedBy": count - first, "curve": curve}))


def by_planted(later: Impressions, scores: np.ndarray, affinity: np.ndarray) -> dict:
    return told(*sum_by_person(later, affinity, (scores, later.scores)), SEED)


main(*sys.argv[1:])
