"""What all rows of the report share: pictures, judges, and a place for what is already known."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hamlet_sidecar.diffusion.sample import load_pipeline
from hamlet_sidecar.dpo.looks import Easel, compare, prompts_for
from hamlet_sidecar.dpo.pair_set import PairSet
from hamlet_sidecar.dpo.report.planted import Planted, community, plant, planted_pairs
from hamlet_sidecar.dpo.scorers.clip_scores import ClipScorer
from hamlet_sidecar.dpo.scorers.oracle import Oracle
from hamlet_sidecar.dpo.scorers.preference import PreferenceScorer, fit_preference
from hamlet_sidecar.dpo.train import fit, open_pipeline
from hamlet_sidecar.files import atomic_write_json
from hamlet_sidecar.pictures import Pictures

TAUGHT, ASKED = 2400, 400


@dataclass
class Studio:
    pictures: Pictures
    planted: Planted
    clip: ClipScorer
    preference: PreferenceScorer
    spec: dict
    job: Any

    def oracle(self, taste: np.ndarray) -> Oracle:
        file = self.job.path(self.spec['classifier'])
        return Oracle(file, self.pictures.grammar, self.planted.taste(taste))

    def once(self, name: str, work) -> Any:
        """What `work` answers, kept on disk: a report that is stopped goes on with what it lacks."""
        file = self.job.checkpoint / f'{name}.json'
        if file.exists():
            return json.loads(file.read_text())
        self.job.raise_if_cancelled()
        told = work()
        atomic_write_json(file, told)
        self.job.log(f'{name}: {json.dumps(told)[:300]}')
        return told

    def base(self, prompts: list[str], name: str) -> np.ndarray:
        """What the base model draws of these, once for all rows."""
        file = self.job.checkpoint / f'base-{name}.npy'
        if not file.exists():
            pipeline = load_pipeline(self.job.path(self.spec['diffusion']))
            np.save(file, Easel(pipeline, self.spec).draw(prompts, self.job))
        return np.load(file)

    def train(self, pairs: PairSet, **changes: Any) -> tuple[Easel, dict]:
        """A fresh adapter by this project's own recipe."""
        spec = {**self.spec, **changes}
        pipeline = open_pipeline(self.job.path(spec['diffusion']))
        done = fit(pairs, pipeline, self.preference, self.clip, spec, Quiet(self.job))
        return done['easel'], done['report']

    def judge(
        self, easel: Easel, prompts: list[str], base: np.ndarray, tastes: dict[str, np.ndarray]
    ) -> tuple[dict, np.ndarray]:
        """Figures by each scorer and by each taste, with every pair's scores, and what the tuned model drew."""
        tuned = easel.draw(prompts, self.job)
        figures = compare([self.clip, self.preference], base, tuned, prompts, each=True)
        for name, taste in tastes.items():
            figures[name] = compare([self.oracle(taste)], base, tuned, prompts, each=True)['oracle']
        return figures, tuned


class Quiet:
    """A training within a report: it may be cancelled, and leaves no checkpoint and no progress of its own."""

    def __init__(self, job):
        self.raise_if_cancelled = job.raise_if_cancelled
        self.checkpoint = Path(job.checkpoint) / 'training'
        (self.checkpoint / 'dpo.pt').unlink(missing_ok=True)

    def progress(self, fraction: float, **metrics: float) -> None:
        """Nobody asks for it."""

    def log(self, line: str) -> None:
        """The row's result is what is told."""


def open_studio(pictures: Pictures, spec: dict, job) -> Studio:
    """Teaches the stand-in for HPSv2 on choices of all people, none of them about the topics' pairs."""
    planted = plant(pictures, tuple(spec['topics']), spec['seed'])
    clip = ClipScorer(job.path(spec['clip']), 'clip-score', None, times_scale=False)
    tastes = np.concatenate(
        [community(taste, 20, number) for number, taste in enumerate(planted.communities.values())]
    )
    chosen = planted_pairs(tastes, pictures, TAUGHT + ASKED, spec['seed'])
    vectors = clip_vectors(clip, pictures, np.unique(chosen))
    winners, losers = vectors[chosen[:, 0]], vectors[chosen[:, 1]]
    direction = fit_preference(winners[:TAUGHT], losers[:TAUGHT])
    right = ((winners - losers)[TAUGHT:] @ direction > 0).mean()
    job.log(f'the stand-in scorer names the chosen one of {ASKED} pairs in {right:.1%}')
    preference = PreferenceScorer(clip, direction, f'planted-{spec["seed"]}')
    return Studio(pictures, planted, clip, preference, spec, job)


def clip_vectors(clip: ClipScorer, pictures: Pictures, places: np.ndarray) -> np.ndarray:
    """(pictures, length), filled at these places."""
    parts = [
        clip.of_pictures(np.array(pictures.pixels[places[first : first + 64]])).cpu().numpy()
        for first in range(0, len(places), 64)
    ]
    found = np.concatenate(parts)
    vectors = np.zeros((len(pictures), found.shape[1]), np.float32)
    vectors[places] = found
    return vectors


def asked_prompts(pairs: PairSet, count: int) -> list[str]:
    return prompts_for(pairs.held_out, count)
