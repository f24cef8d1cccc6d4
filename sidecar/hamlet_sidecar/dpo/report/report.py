"""Job `dpo-report`: whether aligning works here, on a planted platform whose right answers are known."""

import time
from typing import Any

from hamlet_sidecar.device import device
from hamlet_sidecar.dpo.memory import peak_memory_mb
from hamlet_sidecar.dpo.report.full_size import full_size_steps
from hamlet_sidecar.dpo.report.paper import paper_table
from hamlet_sidecar.dpo.report.planted import TOPICS
from hamlet_sidecar.dpo.report.pooled import kept, pooled, without_each
from hamlet_sidecar.dpo.report.recipes import recipes_of
from hamlet_sidecar.dpo.report.rows import SOURCES, sources_of, users_of
from hamlet_sidecar.dpo.report.studio import open_studio
from hamlet_sidecar.dpo.spec import complete
from hamlet_sidecar.files import atomic_write_json
from hamlet_sidecar.pictures import read_pictures

# Pairs a training; pictures of held-out prompts a topic, so that three topics are 300; trainings of each recipe.
DEFAULTS: dict[str, Any] = {
    'topics': list(TOPICS),
    'pairs': 60,
    'verdict': 100,
    'evaluateEvery': 40,
    'looks': 8,
    'trainings': 3,
    'only': ['sources', 'users', 'recipes'],
}


def run(spec: dict[str, Any], job) -> dict[str, Any]:
    """spec: {renders, diffusion, classifier, clip, topics?, pairs?, steps?, verdict?, only?, seed?} → `report.json`."""
    spec = complete({**DEFAULTS, **spec})
    topics, asked = spec['topics'], spec['only']
    began = time.perf_counter()
    pictures = read_pictures(job.path(spec['renders']))
    studio = open_studio(pictures, spec, job)
    told: dict[str, Any] = {}
    if 'users' in asked:
        told['users'] = users_of(studio, topics[0])
    job.progress(0.2)
    if 'recipes' in asked:
        told['recipes'] = recipes_of(studio, topics[0])
    job.progress(0.4)
    if 'sources' in asked:
        told |= of_sources({topic: sources_of(studio, topic) for topic in topics})
    report = {
        'planted': {topic: studio.planted.taste(t) for topic, t in studio.planted.communities.items()},
        'spec': {name: value for name, value in spec.items() if not isinstance(value, dict)},
        **told,
        'paper': paper_table(),
        'fullSize': full_size_steps(),
        'machine': {'device': device().name, 'peakMemoryMB': peak_memory_mb()},
        'seconds': round(time.perf_counter() - began),
    }
    atomic_write_json(job.checkpoint / 'report.json', without_each(report))
    return {'report': f'checkpoints/{job.job_id}/report.json', 'seconds': report['seconds']}


def of_sources(rows: dict[str, dict]) -> dict[str, Any]:
    return {
        'sources': rows,
        'pooled': {source: pooled(rows, source) for source in SOURCES},
        'clipOfTopics': {
            topic: {source: kept([row['judged']['clip-score']]) for source, row in of_topic.items()}
            for topic, of_topic in rows.items()
        },
    }
