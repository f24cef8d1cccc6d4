"""A registry of jobs that exist to be tested on: `--registry jobs_for_tests`."""

import json
import time
from typing import Any

from hamlet_sidecar.files import atomic_write_json
from hamlet_sidecar.jobs.context import JobContext

KINDS = {'count': 'jobs_for_tests:count'}


def count(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Counts to `steps` with a checkpoint at each, and says how many steps this attempt did."""
    saved = job.checkpoint / 'step.json'
    first = json.loads(saved.read_text())['step'] if saved.exists() else 0
    for step in range(first, spec['steps']):
        job.raise_if_cancelled()
        time.sleep(spec.get('seconds', 0))
        atomic_write_json(saved, {'step': step + 1})
        job.progress((step + 1) / spec['steps'], step=step + 1)
    return {'counted': spec['steps'], 'resumedAt': first}
