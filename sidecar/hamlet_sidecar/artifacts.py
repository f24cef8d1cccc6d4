"""Artifacts: folders `KIND-VERSION` of files and their manifest, which the api checks before it uses them."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from hamlet_sidecar.answers import ANSWERS_FILE, ask_all
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.files import atomic_write_bytes, atomic_write_json

NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9._-]{0,99}')


def write_artifact(
    folder: Path,
    kind: str,
    version: str,
    files: Mapping[str, bytes | Path],
    *,
    contract: str,
    dataset: Mapping[str, str | int | float],
    parameters: Mapping[str, str | int | float],
    metrics: Mapping[str, Any],
    seeds: list[int],
) -> Path:
    """Writes `folder/KIND-VERSION` whole: files (bytes, or a path to copy), manifest.json, metrics.json.

    Names in `files` may have folders (`onnx/model.onnx`). A folder of the same name is replaced.
    `dataset` names what was trained on, with its `digest`.
    """
    if not (NAME.fullmatch(kind) and NAME.fullmatch(version)):
        raise SidecarError('artifact-invalid', f'{kind}-{version} is not a plain name')
    target = folder / f'{kind}-{version}'
    partial = folder / f'{target.name}.partial'
    shutil.rmtree(partial, ignore_errors=True)
    try:
        for name, content in files.items():
            atomic_write_bytes(
                partial / plain_path(name), content if isinstance(content, bytes) else content.read_bytes()
            )
        atomic_write_json(partial / 'metrics.json', dict(metrics))
        manifest = {
            'kind': kind,
            'version': version,
            'contract': contract,
            'created': datetime.now(UTC).isoformat(timespec='milliseconds').replace('+00:00', 'Z'),
            'commit': source_commit(),
            'seeds': seeds,
            'dataset': dict(dataset),
            'parameters': dict(parameters),
            'files': {name: describe_file(partial / name) for name in [*files, 'metrics.json']},
        }
        atomic_write_json(partial / 'manifest.json', manifest)
        shutil.rmtree(target, ignore_errors=True)
        os.replace(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def publish_folder(
    artifacts: Path,
    kind: str,
    source: Path,
    *,
    contract: str,
    dataset: Path,
    spec: Mapping[str, Any],
    metrics: Mapping[str, Any],
) -> str:
    """What a training left in `source`, as an artifact of `artifacts`; answers the name of its folder.

    Its version is the digest of its files: the same weights again are the same artifact. Its ONNX models go with
    an answer each, which the api asks for again. `dataset` is the folder
    that was trained on, `spec` the whole spec with its defaults.
    """
    files: dict[str, bytes | Path] = {
        path.relative_to(source).as_posix(): path for path in sorted(source.rglob('*')) if path.is_file()
    }
    answers = ask_all(source)
    if answers is not None:
        files[ANSWERS_FILE] = answers
    plain = {name: value for name, value in spec.items() if isinstance(value, str | int | float)}
    version = digest_of(source)[:16]
    about = {'contract': contract, 'dataset': {'digest': digest_of(dataset)}, 'parameters': plain}
    seeds = [spec['seed']] if 'seed' in spec else []
    return write_artifact(artifacts, kind, version, files, metrics=metrics, seeds=seeds, **about).name


def digest_of(folder: Path) -> str:
    """Of the names and contents of all files below a folder."""
    lines = [
        f'{path.relative_to(folder).as_posix()} {describe_file(path)["sha256"]}\n'
        for path in folder.rglob('*')
        if path.is_file()
    ]
    return hashlib.sha256(''.join(sorted(lines)).encode()).hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Raises SidecarError `artifact-invalid` when there is none."""
    try:
        manifest = json.loads((folder / 'manifest.json').read_text())
    except (OSError, ValueError) as error:
        raise SidecarError('artifact-invalid', f'{folder.name} has no manifest that can be read') from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get('files'), dict):
        raise SidecarError('artifact-invalid', f'the manifest of {folder.name} names no files')
    return manifest


def verify_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Raises SidecarError `digest-mismatch` for the first file that is not what the manifest says."""
    for name, expected in manifest['files'].items():
        path = folder / plain_path(name)
        if path.is_symlink() or not path.is_file() or describe_file(path) != expected:
            raise SidecarError('digest-mismatch', f'{folder.name}/{name} is not what its manifest says')


def plain_path(name: str) -> str:
    """The name itself. Raises SidecarError `artifact-invalid` unless each part of it is a plain file name."""
    if not all(NAME.fullmatch(part) for part in name.split('/')):
        raise SidecarError('artifact-invalid', f'{name[:200]!r} is not a plain file name')
    return name


def describe_file(path: Path) -> dict[str, str | int]:
    """As a manifest names a file: its `sha256` (hex) and `bytes`."""
    with open(path, 'rb') as file:
        return {
            'sha256': hashlib.file_digest(file, 'sha256').hexdigest(),
            'bytes': os.fstat(file.fileno()).st_size,
        }


@cache
def source_commit() -> str:
    """The commit this code is of; an image without git is told by HAMLET_COMMIT."""
    asked = (
        subprocess.run(
            ['git', 'rev-parse', 'HEAD'],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
        if shutil.which('git')
        else None
    )
    found = asked.stdout.strip() if asked and asked.returncode == 0 else ''
    return os.environ.get('HAMLET_COMMIT') or found or 'unknown'
