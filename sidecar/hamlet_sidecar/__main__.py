"""`python -m hamlet_sidecar serve` for the api, `python -m hamlet_sidecar run KIND --spec FILE` for people."""

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
    service = commands.add_parser('serve', help='take jobs from the api')
    service.add_argument('--host', default='127.0.0.1')
    service.add_argument('--port', type=int, default=8900)
    check = commands.add_parser('world-check', help='figures of the shipped weights, as JSON')
    check.add_argument('--weights', type=Path, default=Path('weights'))
    check.add_argument('--renders', type=Path, required=True, help='held-out pictures: hamlet world render')
    inspect = commands.add_parser('w2w-inspect', help='what a LoRA file is, or why it is refused')
    inspect.add_argument('file', type=Path)
    inspect.add_argument('--base', help='folder or hub id of its base model; sd15 for the layers alone')
    again = commands.add_parser('sasrec-export', help='give a SASRec the encoder that this release exports')
    again.add_argument('folder', type=Path, help='its artifact, which is replaced')
    figures = commands.add_parser('w2w-report', help='directions and edits, measured on the shipped zoo')
    figures.add_argument('--weights', type=Path, default=Path('weights'))
    figures.add_argument(
        '--world', type=Path, required=True, help='what hamlet w2w report knows of the world'
    )
    figures.add_argument('--work', type=Path, required=True, help='where partial results are kept')
    figures.add_argument('--sizes', type=json.loads, default={}, help='fewer pairs, pictures or steps')
    figures.add_argument('--method', default='whole', help='the space that edits and users are of')
    figures.add_argument('--only', nargs='*', default=[], help='some parts of it')
    bench = commands.add_parser('w2w-bench', help='figures of spaces of weights, as JSON')
    bench.add_argument('what', choices=['scale', 'whole', 'sd15', 'components'])
    bench.add_argument('--loras', type=int, help='how many, of scale and whole')
    bench.add_argument('--weights', type=Path, default=Path('weights'))
    for command in (run, service):
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
    if given.command == 'world-check':
        from hamlet_sidecar.world_check import world_check

        print(json.dumps(world_check(given.weights, given.renders), indent=2))
        return 0
    try:
        if given.command == 'w2w-inspect':
            from hamlet_sidecar.w2w.inspect import inspect_lora

            print(json.dumps(inspect_lora(given.file, given.base), indent=2))
            return 0
        if given.command == 'sasrec-export':
            from hamlet_sidecar.sequence.export_again import export_again

            print(json.dumps({'artifact': given.folder.name, 'difference': export_again(given.folder)}))
            return 0
        if given.command == 'w2w-report':
            from hamlet_sidecar.w2w.report.run import w2w_report

            told = w2w_report(given.weights, given.world, given.work, given.sizes, given.only, given.method)
            print(json.dumps(told, indent=2))
            return 0
        if given.command == 'w2w-bench':
            from hamlet_sidecar.w2w.bench import figures

            print(json.dumps(figures(given.what, given.loras, given.weights), indent=2))
            return 0
        given.artifacts.mkdir(parents=True, exist_ok=True)
        artifacts = given.artifacts.resolve()
        if given.command == 'serve':
            from hamlet_sidecar.service.serve import serve

            serve(given.host, given.port, artifacts, given.registry)
        else:
            result = run_locally(kinds_of(given.registry), given.kind, read_spec(given.spec), artifacts)
            print(json.dumps(result, indent=2))
    except SidecarError as error:
        print(f'{error.code}: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
