import os
import signal
import time
from pathlib import Path

import pytest
from conftest import FINAL, Service

from hamlet_sidecar.contract import check


def test_a_job_is_taken_reported_and_done(service: Service):
    taken = service.post('count', {'steps': 3})
    assert taken.status_code == 202
    check('JobStatus', taken.json())
    ended = service.ended()
    assert (ended['state'], ended['progress'], ended['metrics']) == ('done', 1, {'step': 3})
    assert ended['result'] == {'counted': 3, 'resumedAt': 0}


def test_the_same_attempt_twice_runs_once(service: Service):
    for _ in range(5):
        assert service.post('count', {'steps': 5, 'seconds': 0.02}).status_code == 202
    assert service.ended()['state'] == 'done'
    assert service.post('count', {'steps': 5, 'seconds': 0.02}).json()['state'] == 'done'
    assert len(service.job_pids()) == 1


def test_older_fences_and_attempts_and_other_specs_are_refused(service: Service):
    service.post('count', {'steps': 1}, attempt=2, fence=7)
    assert service.post('count', {'steps': 1}, attempt=2, fence=6).json()['code'] == 'fence-stale'
    assert service.post('count', {'steps': 1}, attempt=1, fence=8).json()['code'] == 'attempt-stale'
    assert service.post('count', {'steps': 2}, attempt=2, fence=8).json()['code'] == 'job-conflict'
    assert service.http.get(f'/jobs/{service.job}', params={'fence': 6}).json()['code'] == 'fence-stale'
    assert service.http.delete(f'/jobs/{service.job}', params={'fence': 6}).json()['code'] == 'fence-stale'
    assert service.http.get(f'/jobs/{service.job}', params={'fence': 9}).status_code == 200
    assert service.http.get(f'/jobs/{service.job}', params={'fence': 8}).json()['code'] == 'fence-stale', (
        'it has risen'
    )


def test_a_new_attempt_ends_the_one_before_and_goes_on_from_its_checkpoint(service: Service):
    service.post('count', {'steps': 40, 'seconds': 0.05})
    service.until(lambda status: status['metrics'].get('step', 0) >= 5)
    service.post('count', {'steps': 40, 'seconds': 0.05}, attempt=2, fence=2)
    ended = service.ended()
    assert (ended['state'], ended['attempt']) == ('done', 2)
    assert ended['result']['resumedAt'] >= 5
    first, second = service.job_pids()
    assert first != second


def test_one_job_runs_at_a_time(service: Service):
    names = [f'{service.job}-{n}' for n in range(3)]
    for name in names:
        service.post('count', {'steps': 5, 'seconds': 0.05}, id=name)
    most = 0
    while service.status(names[-1])['state'] not in FINAL:
        most = max(most, service.http.get('/health').json()['running'])
    assert most == 1
    assert [service.status(name)['state'] for name in names] == ['done'] * 3


@pytest.mark.parametrize('kind', ['count', 'stubborn'])
def test_a_cancelled_job_has_ended_within_two_seconds(service: Service, kind: str):
    service.post(kind, {'steps': 1000, 'seconds': 0.05})
    service.until(lambda status: status['progress'] > 0)
    began = time.monotonic()
    assert service.http.delete(f'/jobs/{service.job}').json()['state'] == 'cancelled'
    assert time.monotonic() - began < 2
    service.post('count', {'steps': 1}, id=f'{service.job}-next')
    assert service.ended(f'{service.job}-next')['state'] == 'done', 'the turn is free again'


def test_a_job_that_waits_can_be_cancelled(service: Service):
    service.post('stubborn', {}, id=f'{service.job}-first')
    service.post('count', {'steps': 1})
    assert service.http.delete(f'/jobs/{service.job}').json()['state'] == 'cancelled'
    service.http.delete(f'/jobs/{service.job}-first')
    time.sleep(0.3)
    assert service.status()['state'] == 'cancelled'
    assert not (service.artifacts / 'checkpoints' / service.job).exists()


@pytest.mark.parametrize(
    ('kind', 'spec', 'code', 'words'),
    [
        ('fall', {'how': 'raise'}, 'job-error', 'the loss is not a number'),
        ('fall', {'how': 'exit'}, 'crashed', 'ended with 3'),
        ('fall', {'how': 'segfault'}, 'killed', 'SIGSEGV'),
        ('fall', {'how': 'kill'}, 'killed', 'SIGKILL'),
        ('exhaust', {'of': 'python'}, 'out-of-memory', 'memory'),
        ('exhaust', {'of': 'torch'}, 'out-of-memory', 'memory'),
        ('fill', {}, 'disk-full', 'No space left on device'),
        ('read_file', {'path': '../../etc/passwd'}, 'path-outside', 'not in the artifact folder'),
        ('read_file', {'path': '/etc/passwd'}, 'path-outside', 'not in the artifact folder'),
    ],
)
def test_a_job_that_falls_says_why_and_the_service_stands(service: Service, kind, spec, code, words):
    service.post(kind, spec)
    ended = service.ended()
    assert (ended['state'], ended['error']['code']) == ('failed', code)
    assert words in ended['error']['message']
    service.post('count', {'steps': 1}, id=f'{service.job}-next')
    assert service.ended(f'{service.job}-next')['state'] == 'done'


def test_a_link_in_the_artifacts_leads_nowhere(service: Service):
    os.symlink('/etc', service.artifacts / 'etc')
    service.post('read_file', {'path': 'etc/passwd'})
    assert service.ended()['error']['code'] == 'path-outside'


def test_a_job_nobody_asks_for_ends_itself(service: Service):
    service.post('count', {'steps': 1000, 'seconds': 0.05}, leaseSeconds=2)
    for _ in range(10):
        time.sleep(0.25)
        assert service.http.get(f'/jobs/{service.job}', params={'fence': 1}).json()['state'] in (
            'queued',
            'running',
        )
    assert service.until(lambda status: status['state'] == 'failed')['error']['code'] == 'lease-lost'
    assert gone(service.job_pids()[0])


def test_what_a_job_prints_is_its_log(service: Service):
    service.post('print_lines', {'lines': 200})
    ended = service.ended()
    assert ended['state'] == 'done'
    assert ended['log'] == [f'line {n}' for n in range(150, 200)]


def test_a_killed_service_takes_its_job_along_and_the_next_goes_on(start):
    first = start()
    first.post('count', {'steps': 60, 'seconds': 0.05})
    first.until(lambda status: status['metrics'].get('step', 0) >= 5)
    first.kill()
    assert gone(first.job_pids()[0])
    second = start()
    assert second.http.get('/jobs/job-1').json()['code'] == 'job-unknown'
    second.post('count', {'steps': 60, 'seconds': 0.05}, attempt=2, fence=2)
    ended = second.ended()
    assert ended['state'] == 'done'
    assert ended['result']['resumedAt'] >= 5


def test_two_services_on_one_volume_never_write_the_same_checkpoints(start):
    cut_off, other = start(), start()
    spec = {'steps': 1000, 'seconds': 0.02}
    cut_off.post('count', spec, leaseSeconds=4)
    cut_off.until(lambda status: status['progress'] > 0)
    other.post('count', spec, attempt=2, fence=2)
    other.until(lambda status: status['progress'] > 0)
    assert cut_off.status()['error']['code'] == 'lease-lost', 'it begins when the other has ended'
    cut_off.post('count', spec, fence=1, attempt=3)
    other.http.delete('/jobs/job-1')
    assert cut_off.ended()['error']['code'] == 'fence-stale'


def gone(pid: int, seconds: float = 2) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if 'State:\tZ' in Path(f'/proc/{pid}/status').read_text():
            return True
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    return False
