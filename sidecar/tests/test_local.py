import json
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent


def run(tmp_path: Path, kind: str, spec: dict, *more: str) -> subprocess.CompletedProcess:
    (tmp_path / 'spec.json').write_text(json.dumps(spec))
    words = ['run', kind, '--spec', str(tmp_path / 'spec.json'), '--artifacts', str(tmp_path / 'artifacts')]
    return subprocess.run(
        [sys.executable, '-m', 'hamlet_sidecar', *words, '--registry', 'jobs_for_tests', *more],
        env={'PYTHONPATH': f'{TESTS}:{TESTS.parent}', 'PATH': ''},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_job_from_the_shell_goes_on_from_its_checkpoint(tmp_path: Path):
    assert json.loads(run(tmp_path, 'count', {'steps': 3}).stdout) == {'counted': 3, 'resumedAt': 0}
    assert json.loads(run(tmp_path, 'count', {'steps': 3}).stdout) == {'counted': 3, 'resumedAt': 3}
    assert json.loads(run(tmp_path, 'count', {'steps': 4}).stdout)['resumedAt'] == 0, (
        'another spec, another job'
    )


def test_a_kind_nobody_knows_is_named(tmp_path: Path):
    ended = run(tmp_path, 'cuont', {})
    assert ended.returncode == 1
    assert 'kind-unknown' in ended.stderr
