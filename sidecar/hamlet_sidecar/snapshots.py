"""Snapshots: what the api wrote of its log and catalogue, as Parquet, under the digest of its contents."""

import hashlib
import json
from pathlib import Path

from hamlet_sidecar.artifacts import verify_files
from hamlet_sidecar.contract import check
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.context import JobContext


def open_snapshot(job: JobContext, digest: str) -> Path:
    """The folder with `events.parquet` and `items.parquet`, once every byte is what the digest says.

    Raises SidecarError `snapshot-unknown` or `digest-mismatch`.
    """
    folder = job.path(f'snapshots/{digest}')
    try:
        manifest = json.loads((folder / 'manifest.json').read_text())
        check('SnapshotManifest', manifest)
    except OSError as error:
        raise SidecarError('snapshot-unknown', f'no snapshot {digest[:64]}', 404) from error
    except (ValueError, SidecarError) as error:
        raise SidecarError('digest-mismatch', f'the manifest of snapshot {digest[:12]} is not one') from error
    lines = sorted(f'{name} {file["sha256"]}\n' for name, file in manifest['files'].items())
    contents = hashlib.sha256(''.join(lines).encode()).hexdigest()
    if not digest == manifest['digest'] == contents:
        raise SidecarError('digest-mismatch', f'the manifest of snapshot {digest[:12]} is of other files')
    verify_files(folder, manifest)
    return folder
