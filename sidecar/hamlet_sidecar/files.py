"""Files that are either whole or not there, and paths that stay where they belong."""

import json
import os
from pathlib import Path
from typing import Any

from hamlet_sidecar.errors import SidecarError


def atomic_write_bytes(path: Path, data: bytes) -> None:
    partial = path.with_name(f'{path.name}.partial-{os.getpid()}')
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(partial, 'wb') as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def atomic_write_json(path: Path, value: Any) -> None:
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
