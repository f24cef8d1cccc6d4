"""A job's context without a service: it remembers what it was told, and can be made to stop at a fraction."""

from pathlib import Path

from hamlet_sidecar.errors import JobCancelled
from hamlet_sidecar.files import confine


class PlainJob:
    job_id, attempt = 'plain', 1

    def __init__(self, artifacts: Path, stop_at: float = 2.0):
        self.artifacts, self.checkpoint, self.stop_at = artifacts, artifacts / 'checkpoint', stop_at
        self.fraction, self.lines, self.figures = 0.0, [], []

    def path(self, relative: str) -> Path:
        return confine(self.artifacts, relative)

    def progress(self, fraction: float, **figures: float) -> None:
        self.fraction = fraction
        self.figures.append(figures)

    def log(self, line: str) -> None:
        self.lines.append(line)

    def raise_if_cancelled(self) -> None:
        if self.fraction >= self.stop_at:
            raise JobCancelled()
