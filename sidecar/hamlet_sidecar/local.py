"""`python -m hamlet_sidecar run KIND --spec FILE`: one job in this process, without the service."""

import hashlib
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from hamlet_sidecar.contract import check_spec
from hamlet_sidecar.jobs.context import JobContext, require_json
from hamlet_sidecar.jobs.ownership import owned
from hamlet_sidecar.jobs.publish import publish
from hamlet_sidecar.jobs.registry import load_job


def run_locally(kinds: dict[str, str], kind: str, spec: dict[str, Any], artifacts: Path) -> dict[str, Any]:
    """The same spec again goes on from its checkpoint: kind and spec name the folder."""
    check_spec(kind, spec)
    digest = hashlib.sha256(json.dumps([kind, spec], sort_keys=True).encode()).hexdigest()
    job_id = f'{kind}-{digest[:12]}'
    checkpoint = artifacts / 'checkpoints' / job_id
    stopped: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, _frame: stopped.append(number))
    job = JobContext(job_id, 1, artifacts, checkpoint, printer(), lambda: bool(stopped))
    with owned(checkpoint, 0, lambda: bool(stopped), patience=0):
        return require_json(publish(kind, spec, load_job(kinds, kind)(spec, job), artifacts))


def printer():
    """Progress at most once a second, log lines as they come; the result alone goes to standard output."""
    last = 0.0

    def tell(message: dict[str, Any]) -> None:
        nonlocal last
        if message['type'] == 'log':
            print(message['line'], file=sys.stderr)
        elif time.monotonic() - last > 1 or message['progress'] == 1:
            last = time.monotonic()
            figures = ' '.join(f'{name} {value:.4g}' for name, value in message['metrics'].items())
            print(f'{message["progress"]:6.1%} {figures}', file=sys.stderr)

    return tell
