"""`python -m hamlet_sidecar run KIND --spec FILE [--artifacts DIR]`: a job from the shell."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

# Before anything loads OpenMP: threads that spin while they wait slow small models down many times.
os.environ.setdefault('OMP_WAIT_POLICY', 'passive')

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.registry import kinds_of
from hamlet_sidecar.local import run_locally

REGISTRY = 'hamlet_sidecar.jobs.registry'


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser('hamlet_sidecar')
    commands = parser.add_subparsers(dest='command', required=True)
    run = commands.add_parser('run', help='do one job here, going on from its checkpoint')
    run.add_argument('kind')
    run.add_argument('--spec', type=Path, required=True, help='a JSON file; - reads standard input')
    for command in (run,):
        command.add_argument('--artifacts', type=Path, default=Path('.hamlet/artifacts'))
        command.add_argument('--registry', default=REGISTRY, help=argparse.SUPPRESS)
    return parser.parse_args(words)


def read_spec(file: Path) -> dict[str, Any]:
    try:
        spec = json.loads(sys.stdin.read() if str(file) == '-' else file.read_text())
    except (OSError, ValueError) as error:
        raise SidecarError('spec-invalid', f'{file} is not JSON that can be read: {error}') from error
    if not isinstance(spec, dict):
        raise SidecarError('spec-invalid', f'{file} is not a JSON object')
    return spec


def main(words: list[str]) -> int:
    given = parse(words)
    kinds = kinds_of(given.registry)
    given.artifacts.mkdir(parents=True, exist_ok=True)
    try:
        result = run_locally(kinds, given.kind, read_spec(given.spec), given.artifacts.resolve())
        print(json.dumps(result, indent=2))
    except SidecarError as error:
        print(f'{error.code}: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
