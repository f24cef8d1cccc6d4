"""Which function does which kind of job. Modules are imported only by the process that runs one."""

import importlib
import re
from collections.abc import Callable
from typing import Any

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.context import JobContext

Job = Callable[[dict[str, Any], JobContext], dict[str, Any]]

KINDS: dict[str, str] = {
    'build-w2w-space': 'hamlet_sidecar.w2w.build_job:run',
    'classify-images': 'hamlet_sidecar.safety.classify_job:run',
    'dpo-report': 'hamlet_sidecar.dpo.report.report:run',
    'edit-w2w-lora': 'hamlet_sidecar.w2w.edit_job:run',
    'embed-images': 'hamlet_sidecar.clip.embed_job:run',
    'learn-w2w-direction': 'hamlet_sidecar.w2w.direction_job:run',
    'make-dpo-pairs': 'hamlet_sidecar.dpo.pairs.make:run',
    'train-classifier': 'hamlet_sidecar.classifier.train:run',
    'train-clip': 'hamlet_sidecar.clip.train:run',
    'train-diffusion': 'hamlet_sidecar.diffusion.train:run',
    'train-dpo': 'hamlet_sidecar.dpo.train:run',
    'train-lora-zoo': 'hamlet_sidecar.zoo.train:run',
    'train-preference': 'hamlet_sidecar.dpo.scorers.train_preference:run',
    'train-ranker': 'hamlet_sidecar.ranker.train:run',
    'train-sasrec': 'hamlet_sidecar.sequence.train:run',
    'train-two-tower': 'hamlet_sidecar.towers.train:run',
}

PLACE = re.compile(r'[\w.]+:\w+')


def kinds_of(registry: str) -> dict[str, str]:
    """The kinds that a module named by `--registry` has in its KINDS; tests bring their own."""
    return dict(importlib.import_module(registry).KINDS)


def load_job(kinds: dict[str, str], kind: str) -> Job:
    """Raises SidecarError `kind-unknown`."""
    place = kinds.get(kind)
    if place is None or not PLACE.fullmatch(place):
        raise SidecarError(
            'kind-unknown', f'no job of kind {kind[:100]!r}; there are {", ".join(sorted(kinds))}'
        )
    module, name = place.split(':')
    return getattr(importlib.import_module(module), name)
