import hashlib
import json
from pathlib import Path

import pytest

from hamlet_sidecar.artifacts import describe_file
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.context import JobContext
from hamlet_sidecar.snapshots import open_snapshot


@pytest.fixture
def job(tmp_path: Path) -> JobContext:
    return JobContext('job', 1, tmp_path, tmp_path / 'checkpoint', print, lambda: False)


@pytest.fixture
def digest(tmp_path: Path) -> str:
    """A snapshot as the api writes one."""
    (tmp_path / 'partial').mkdir()
    (tmp_path / 'partial/events.parquet').write_bytes(b'events')
    files = {'events.parquet': describe_file(tmp_path / 'partial/events.parquet')}
    name = hashlib.sha256(f'events.parquet {files["events.parquet"]["sha256"]}\n'.encode()).hexdigest()
    counts = {'events': 1, 'items': 1, 'users': 1}
    manifest = {
        'format': 'hamlet-snapshot/1',
        'digest': name,
        'created': 'now',
        'counts': counts,
        'files': files,
    }
    (tmp_path / 'partial/manifest.json').write_text(json.dumps(manifest))
    (tmp_path / 'snapshots').mkdir()
    (tmp_path / 'partial').rename(tmp_path / 'snapshots' / name)
    return name


def code_of(job: JobContext, digest: str) -> str:
    with pytest.raises(SidecarError) as refused:
        open_snapshot(job, digest)
    return refused.value.code


def test_a_snapshot_is_opened_by_its_digest(job: JobContext, digest: str):
    assert (open_snapshot(job, digest) / 'events.parquet').read_bytes() == b'events'


def test_what_is_not_what_its_digest_says_is_refused(job: JobContext, digest: str):
    folder = job.artifacts / 'snapshots' / digest
    manifest = json.loads((folder / 'manifest.json').read_text())
    (folder / 'events.parquet').write_bytes(b'evenst')
    assert code_of(job, digest) == 'digest-mismatch'
    manifest['files']['events.parquet'] = describe_file(folder / 'events.parquet')
    (folder / 'manifest.json').write_text(json.dumps(manifest))
    assert code_of(job, digest) == 'digest-mismatch', 'also with a manifest that fits'
    (folder / 'manifest.json').write_text('{"files": 1}')
    assert code_of(job, digest) == 'digest-mismatch'


def test_a_snapshot_that_is_not_there_is_named(job: JobContext):
    assert code_of(job, '0' * 64) == 'snapshot-unknown'
    assert code_of(job, '../..') == 'path-outside'
