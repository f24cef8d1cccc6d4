import json
import signal
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).parent


def run(tmp_path: Path, kind: str, spec: dict) -> subprocess.CompletedProcess:
    process = start(tmp_path, kind, spec)
    out, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


def start(tmp_path: Path, kind: str, spec: dict) -> subprocess.Popen:
    (tmp_path / 'spec.json').write_text(json.dumps(spec))
    words = ['run', kind, '--spec', str(tmp_path / 'spec.json'), '--artifacts', str(tmp_path / 'artifacts')]
    return subprocess.Popen(
        [sys.executable, '-m', 'hamlet_sidecar', *words, '--registry', 'jobs_for_tests'],
        env={'PYTHONPATH': f'{TESTS}:{TESTS.parent}', 'PATH': ''},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_job_from_the_shell_goes_on_from_its_checkpoint(tmp_path: Path):
    assert json.loads(run(tmp_path, 'count', {'steps': 3}).stdout) == {'counted': 3, 'resumedAt': 0}
    assert json.loads(run(tmp_path, 'count', {'steps': 3}).stdout) == {'counted': 3, 'resumedAt': 3}
    assert json.loads(run(tmp_path, 'count', {'steps': 4}).stdout)['resumedAt'] == 0, (
        'another spec, another job'
    )


def test_a_stopped_job_ends_at_its_next_step_and_goes_on_later(tmp_path: Path):
    begun = start(tmp_path, 'count', {'steps': 50, 'seconds': 0.05})
    while not list((tmp_path / 'artifacts').glob('checkpoints/*/step.json')):
        time.sleep(0.05)
    second = run(tmp_path, 'count', {'steps': 50, 'seconds': 0.05})
    assert 'checkpoint-busy' in second.stderr, 'two at once would spoil each other’s checkpoints'
    begun.send_signal(signal.SIGTERM)
    _, errors = begun.communicate(timeout=10)
    assert (begun.returncode, 'cancelled' in errors) == (1, True)
    assert json.loads(run(tmp_path, 'count', {'steps': 50, 'seconds': 0.05}).stdout)['resumedAt'] >= 1


def test_a_kind_nobody_knows_is_named(tmp_path: Path):
    ended = run(tmp_path, 'cuont', {})
    assert ended.returncode == 1
    assert 'kind-unknown' in ended.stderr
