"""One job as the service knows it."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

FINAL = ('done', 'failed', 'cancelled')
LOG_LINES = 50
LINE_LENGTH = 1000


@dataclass
class JobRecord:
    """`renewed`: monotonic seconds of the last question; `changes` counts what followers of events have yet to see."""

    id: str
    kind: str
    spec: dict[str, Any]
    attempt: int
    fence: int
    lease_seconds: float
    state: str = 'queued'
    progress: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    log: deque[str] = field(default_factory=lambda: deque(maxlen=LOG_LINES))
    result: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    renewed: float = field(default_factory=time.monotonic)
    changes: int = 0

    def status(self) -> dict[str, Any]:
        """JobStatus of the contract."""
        names = ('id', 'kind', 'attempt', 'state', 'progress', 'metrics', 'result', 'error')
        return {name: getattr(self, name) for name in names} | {'log': list(self.log)}

    def renew(self, fence: int) -> None:
        self.fence = max(self.fence, fence)
        self.renewed = time.monotonic()

    def lease_lost(self) -> bool:
        return time.monotonic() - self.renewed > self.lease_seconds

    def begin(self) -> None:
        if self.state == 'queued':
            self.changes += 1
            self.state = 'running'

    def settle(self, judge: Callable[[], None]) -> None:
        """For a job whose process ended: without a last word of its own, `judge` says what became of it."""
        if self.state not in FINAL:
            judge()

    def take(self, message: dict[str, Any]) -> None:
        """What the job's process tells."""
        self.changes += 1
        if message['type'] == 'progress':
            self.progress = message['progress']
            self.metrics = self.metrics | message['metrics']
        elif message['type'] == 'log':
            self.log.append(str(message['line'])[:LINE_LENGTH])

    def end(
        self, state: str, result: dict[str, Any] | None = None, error: dict[str, str] | None = None
    ) -> None:
        if self.state in FINAL:
            return
        self.changes += 1
        self.state, self.result, self.error = state, result, error
        if state == 'done':
            self.progress = 1.0

    def fail(self, code: str, message: str) -> None:
        self.end('failed', error={'code': code, 'message': message[:2000]})
