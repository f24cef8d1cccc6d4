"""The report's table of recipes: this project's, with its reference cache too, beside the public one on the same pairs."""

import time
from typing import Any

import numpy as np

from hamlet_sidecar.dpo.intervals import bootstrap, wins
from hamlet_sidecar.dpo.looks import Easel
from hamlet_sidecar.dpo.pair_set import PairSet
from hamlet_sidecar.dpo.report.public_recipe import PublicRecipe
from hamlet_sidecar.dpo.report.rows import pair_sets
from hamlet_sidecar.dpo.report.studio import Studio, asked_prompts
from hamlet_sidecar.dpo.train import open_pipeline

PUBLISHED = {'learningRate': 1e-5, 'beta': 2500.0}
# Noises of the row whose reference is remembered.
CACHED = 2


def recipes_of(studio: Studio, topic: str) -> dict:
    """`spec.trainings` of each of the two that are compared: single ones differ by as much as the recipes."""
    table = Recipes(studio, topic)
    trainings = studio.spec['trainings']
    ours = [studio.once(f'recipe-ours-{n}', lambda n=n: table.ours(n)) for n in range(trainings)]
    public = [studio.once(f'recipe-public-rates-{n}', lambda n=n: table.public(n)) for n in range(trainings)]
    return {
        **{'ours': ours, 'publicWithOurRates': public, 'compared': compared(ours, public)},
        'oursWithReferenceCache': studio.once('recipe-cache', lambda: table.ours(0, pool=CACHED)),
        'publicAsPublished': studio.once('recipe-public', lambda: table.public(0, **PUBLISHED)),
    }


class Recipes:
    """Trainings differ by their seed; what is drawn of them and judged is the same."""

    def __init__(self, studio: Studio, topic: str):
        self.studio, self.spec = studio, studio.spec
        self.pairs: PairSet = pair_sets(studio, topic)['implicit']
        self.prompts = asked_prompts(self.pairs, self.spec['verdict'])
        self.base = studio.base(self.prompts, topic)
        self.taste = {'oracle': studio.planted.communities[topic]}

    def ours(self, number: int, **changes: Any) -> dict:
        began = time.perf_counter()
        seed = self.spec['seed'] + number
        easel, report = self.studio.train(
            # Whole adapters on both sides: what is compared is how they are trained.
            self.pairs,
            **{'evaluateEvery': self.spec['steps'], 'seed': seed, 'strengths': [1.0], **changes},
        )
        whole = time.perf_counter() - began
        stepping = report['secondsEncoding'] + sum(report['secondsAStep'].values()) * report['steps']
        return {
            'secondsAStepEndToEnd': stepping / report['steps'],
            'secondsWithLooks': round(whole, 1),
            'breakdown': report['secondsAStep'],
            'training': report,
            'judged': self._judged(easel.pipeline),
        }

    def public(self, number: int, **changes: Any) -> dict:
        pipeline = open_pipeline(self.studio.job.path(self.spec['diffusion']))
        recipe = PublicRecipe(
            self.pairs, pipeline, {**self.spec, 'seed': self.spec['seed'] + number, **changes}
        )
        recipe.train(self.studio.job)
        seconds = {name: value / self.spec['steps'] for name, value in recipe.seconds.items()}
        judged = self._judged(pipeline)
        return {'secondsAStepEndToEnd': sum(seconds.values()), 'breakdown': seconds, 'judged': judged}

    def _judged(self, pipeline) -> dict:
        easel = Easel(pipeline, self.spec)
        return self.studio.judge(easel, self.prompts, self.base, self.taste)[0]


def compared(ours: list[dict], public: list[dict]) -> dict[str, Any]:
    """Ours less public, picture by picture, each the mean of its trainings.

    The intervals are of other prompts and seeds of these trainings; how far trainings differ, `winRates` says.
    """
    told: dict[str, Any] = {
        'winRates': {
            'ours': [row['judged']['oracle']['winRate'][0] for row in ours],
            'public': [row['judged']['oracle']['winRate'][0] for row in public],
        }
    }
    won = [
        np.mean([wins(after, before) for before, after in _each(rows, 'oracle')], 0)
        for rows in (ours, public)
    ]
    told['winRate'] = {**_both(won), 'difference': bootstrap(won[0] - won[1])}
    for score in ('oracle', 'clip-score'):
        gains = [
            np.mean([after - before for before, after in _each(rows, score)], 0) for rows in (ours, public)
        ]
        told[score] = {**_both(gains), 'difference': bootstrap(gains[0] - gains[1])}
    return told


def _both(values: list[np.ndarray]) -> dict[str, list[float]]:
    return {'ours': bootstrap(values[0]), 'public': bootstrap(values[1])}


def _each(rows: list[dict], score: str) -> list[np.ndarray]:
    """(2, pictures) a training: of the base's and of the tuned model's."""
    return [np.array(row['judged'][score]['each']) for row in rows]
