"""Files that are either whole or not there, and paths that stay where they belong."""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hamlet_sidecar.errors import SidecarError


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Within it a full disk is SidecarError `disk-full` (507), another fault of files `write-failed`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SidecarError('disk-full', f'there is no room for {what}', 507) from error
        raise SidecarError('write-failed', f'{what} cannot be written: {error.strerror or error}') from error


def atomic_write_bytes(path: Path, data: bytes) -> None:
    """On disk when it returns; folders above are made."""
    partial = path.with_name(f'{path.name}.partial-{os.getpid()}')
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(partial, 'wb') as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def atomic_write_json(path: Path, value: Any) -> None:
    """Raises ValueError for what is no number (NaN, infinity)."""
    atomic_write_bytes(path, (json.dumps(value, indent=2, allow_nan=False) + '\n').encode())


def confine(root: Path, relative: str) -> Path:
    """The path below `root`, links resolved.

    Raises SidecarError `path-outside` for an absolute path, one that climbs out, or a link that leads out.
    """
    top = root.resolve()
    path = (top / relative).resolve() if '\0' not in relative else top.parent
    if Path(relative).is_absolute() or not path.is_relative_to(top):
        raise SidecarError('path-outside', f'{relative[:200]!r} is not in the artifact folder', 400)
    return path
