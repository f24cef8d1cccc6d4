"""What a job is given beside its spec. A job is `def run(spec: dict, job: JobContext) -> dict`."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hamlet_sidecar.errors import JobCancelled
from hamlet_sidecar.files import confine

LINE_LENGTH = 1000
TELL_S = 0.1


class JobContext:
    """`artifacts` is the shared volume's root, `checkpoint` this job's own folder: it survives attempts."""

    def __init__(
        self,
        job_id: str,
        attempt: int,
        artifacts: Path,
        checkpoint: Path,
        tell: Callable[[dict[str, Any]], None],
        cancelled: Callable[[], bool],
    ):
        self.job_id = job_id
        self.attempt = attempt
        self.artifacts = artifacts
        self.checkpoint = checkpoint
        self._tell = tell
        self._cancelled = cancelled
        self._told = float('-inf')

    def path(self, relative: str) -> Path:
        """A path of the spec, which is relative to the artifacts. Raises SidecarError `path-outside`."""
        return confine(self.artifacts, relative)

    def progress(self, fraction: float, **metrics: float) -> None:
        """How far the job is, from 0 to 1, and its figures now. Call it at every step: ten a second are told."""
        now = time.monotonic()
        if fraction < 1 and now - self._told < TELL_S:
            return
        self._told = now
        figures = {name: float(value) for name, value in metrics.items() if math.isfinite(value)}
        self._tell({'type': 'progress', 'progress': min(1.0, max(0.0, float(fraction))), 'metrics': figures})

    def log(self, line: str) -> None:
        self._tell({'type': 'log', 'line': line[:LINE_LENGTH]})

    def raise_if_cancelled(self) -> None:
        """Call it at every step. A job that does not is killed two seconds after it was cancelled."""
        if self._cancelled():
            raise JobCancelled()


def require_json(result: Any) -> dict[str, Any]:
    """What a job returns goes over the wire: a dict of plain JSON, at most 64 KiB; what is big is a file."""
    text = json.dumps(result, allow_nan=False)
    if not isinstance(result, dict) or len(text) > 65_536:
        raise TypeError('a job returns a dict of at most 64 KiB of JSON')
    return result
