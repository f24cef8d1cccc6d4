"""A real service in a process of its own, asked over HTTP as the api asks it."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from hamlet_sidecar.contract import CONTRACT, check

TESTS = Path(__file__).parent
FINAL = ('done', 'failed', 'cancelled')


class Service:
    def __init__(self, artifacts: Path, token: str = ''):
        self.artifacts, self.token, self.job = artifacts, token, 'job-1'
        words = ['serve', '--port', '0', '--artifacts', str(artifacts), '--registry', 'jobs_for_tests']
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'hamlet_sidecar', *words],
            env={**os.environ, 'PYTHONPATH': f'{TESTS}:{TESTS.parent}', 'SIDECAR_TOKEN': token},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().split()[-1]
        headers = {'authorization': f'Bearer {token}'} if token else {}
        self.http = httpx.Client(base_url=self.url, headers=headers, timeout=10)

    def post(self, kind: str, spec: Any, **more: Any) -> httpx.Response:
        request = {'contract': CONTRACT, 'id': self.job, 'attempt': 1, 'fence': 1, 'leaseSeconds': 60}
        return self.http.post('/jobs', json=request | {'kind': kind, 'spec': spec} | more)

    def refuse(self, change: dict[str, Any]) -> httpx.Response:
        return self.post(**({'kind': 'count', 'spec': {}} | change))

    def status(self, job_id: str = '') -> dict[str, Any]:
        status = self.http.get(f'/jobs/{job_id or self.job}').json()
        check('JobStatus', status)
        return status

    def until(self, condition: Callable[[dict], bool], job_id: str = '', seconds: float = 20) -> dict:
        end = time.monotonic() + seconds
        while not condition(status := self.status(job_id)):
            assert time.monotonic() < end, status
            time.sleep(0.02)
        return status

    def ended(self, job_id: str = '') -> dict[str, Any]:
        return self.until(lambda status: status['state'] in FINAL, job_id)

    def job_pids(self, job_id: str = '') -> list[int]:
        file = self.artifacts / 'checkpoints' / (job_id or self.job) / 'processes'
        return [int(line) for line in file.read_text().split()]

    def kill(self, how: int = signal.SIGKILL) -> None:
        self.process.send_signal(how)
        self.process.wait()


@pytest.fixture
def start(tmp_path: Path):
    services: list[Service] = []

    def start_service(**options: Any) -> Service:
        services.append(Service(tmp_path / 'artifacts', **options))
        return services[-1]

    yield start_service
    for service in services:
        if service.process.poll() is None:
            service.kill(signal.SIGTERM)


@pytest.fixture(scope='session')
def shared(tmp_path_factory: pytest.TempPathFactory):
    service = Service(tmp_path_factory.mktemp('shared') / 'artifacts')
    yield service
    service.kill(signal.SIGTERM)


@pytest.fixture
def service(shared: Service) -> Service:
    """One service for many tests, each with a job of its own name."""
    shared.job = f'job-{uuid.uuid4()}'
    return shared
