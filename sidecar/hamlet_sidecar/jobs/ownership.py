"""One writer for a job's checkpoints, however many processes think that they are it."""

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hamlet_sidecar.errors import JobCancelled, SidecarError
from hamlet_sidecar.files import atomic_write_json

# Longer than the lease of a job that was cut off from its api.
PATIENCE_S = 90


@contextmanager
def owned(
    checkpoint: Path, fence: int, cancelled: Callable[[], bool], patience: float = PATIENCE_S
) -> Iterator[None]:
    """Keeps the folder to this process until it ends: the kernel lets go of the lock however that happens.

    Raises SidecarError `checkpoint-busy` when another process keeps it, `fence-stale` when an attempt with a
    higher fence has been here, and JobCancelled.
    """
    checkpoint.mkdir(parents=True, exist_ok=True)
    with open(checkpoint / '.lock', 'w') as file:
        end = time.monotonic() + patience
        while not _locked(file):
            if cancelled():
                raise JobCancelled
            if time.monotonic() > end:
                raise SidecarError('checkpoint-busy', 'another process still writes the checkpoints', 409)
            time.sleep(0.1)
        known = checkpoint / '.fence.json'
        highest = json.loads(known.read_text()) if known.exists() else 0
        if highest > fence:
            raise SidecarError('fence-stale', f'an attempt with fence {highest} came after {fence}', 409)
        atomic_write_json(known, fence)
        yield


def _locked(file) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
