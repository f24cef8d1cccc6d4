import json
import subprocess
import sys

import pytest
from conftest import TESTS, Service

from hamlet_sidecar.contract import CONTRACT, check


def code_of(response) -> str:
    assert response.headers['content-type'] == 'application/problem+json'
    assert response.json()['status'] == response.status_code
    return response.json()['code']


def test_health_says_contract_device_and_memory(service: Service):
    health = service.http.get('/health').json()
    check('SidecarHealth', health)
    assert health['contract'] == CONTRACT
    assert health['freeMemoryMB'] > 0


def test_events_tell_each_change_until_the_end(service: Service):
    service.post('count', {'steps': 10, 'seconds': 0.15})
    told = []
    with service.http.stream('GET', f'/jobs/{service.job}/events') as stream:
        assert stream.headers['content-type'].startswith('text/event-stream')
        for line in stream.iter_lines():
            if line.startswith('data: '):
                told.append(json.loads(line[6:]))
    for status in told:
        check('JobStatus', status)
    progress = [status['progress'] for status in told]
    assert progress == sorted(progress)
    assert len(told) >= 5
    assert told[-1]['state'] == 'done'


def test_with_a_token_nobody_asks_without_it(start):
    service = start(token='s3cret/+=')
    assert service.post('count', {'steps': 1}).status_code == 202
    for headers, code in (
        ({'authorization': 'Bearer wrong'}, 'token-wrong'),
        ({'authorization': ''}, 'token-wrong'),
        ({'authorization': 'Bearer ' + 'x' * 5000}, 'token-wrong'),
    ):
        for method, path in (
            ('GET', '/health'),
            ('POST', '/jobs'),
            ('GET', '/jobs/a'),
            ('DELETE', '/jobs/a'),
        ):
            refused = service.http.request(method, path, headers=headers)
            assert (refused.status_code, code_of(refused)) == (401, code)
    del service.http.headers['authorization']
    assert code_of(service.http.get('/health')) == 'token-missing'


def test_without_a_token_another_name_of_this_machine_is_refused(service: Service):
    assert code_of(service.http.get('/health', headers={'host': 'rebound.example'})) == 'loopback-only'


@pytest.mark.parametrize(
    'headers',
    [
        {'origin': 'https://elsewhere.example', 'content-type': 'text/plain'},
        {'sec-fetch-site': 'cross-site'},
        {'x-forwarded-for': '127.0.0.1'},
    ],
)
def test_without_a_token_neither_a_browser_nor_a_proxy_asks(service: Service, headers: dict[str, str]):
    assert code_of(service.http.post('/jobs', content=b'{}', headers=headers)) == 'loopback-only'


def test_without_a_token_it_does_not_listen_beyond_this_machine():
    ended = subprocess.run(
        [sys.executable, '-m', 'hamlet_sidecar', 'serve', '--host', '0.0.0.0', '--port', '0'],
        env={'PYTHONPATH': str(TESTS.parent)},
        cwd='/tmp',
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert ended.returncode == 1
    assert 'open-door' in ended.stderr


@pytest.mark.parametrize(
    ('change', 'code'),
    [
        ({'contract': 'hamlet-jobs/2'}, 'contract-mismatch'),
        ({'kind': 'unheard-of'}, 'kind-unknown'),
        ({'kind': '__import__'}, 'invalid-request'),
        ({'id': '../../etc'}, 'invalid-request'),
        ({'id': 'job\n'}, 'artifact-invalid'),
        ({'spec': []}, 'invalid-request'),
        ({'attempt': 0}, 'invalid-request'),
        ({'attempt': 1.5}, 'invalid-request'),
        ({'fence': '1'}, 'invalid-request'),
        ({'leaseSeconds': 1e99}, 'invalid-request'),
        ({'more': True}, 'invalid-request'),
        ({'spec': {'x': 'y' * (1 << 20)}}, 'body-too-large'),
    ],
)
def test_what_is_not_a_job_is_refused_by_name(service: Service, change: dict, code: str):
    assert code_of(service.refuse(change)) == code
    assert service.http.get('/health').json()['queued'] == 0


@pytest.mark.parametrize(
    'body', [b'', b'{', b'\xff', b'[' * 100_000, b'{"spec": NaN}', b'[' * 200 + b']' * 200]
)
def test_what_is_not_json_is_refused(service: Service, body: bytes):
    assert code_of(service.http.post('/jobs', content=body)) in ('invalid-json', 'invalid-request')


def test_too_many_jobs_are_sent_elsewhere(start):
    service = start()
    service.post('stubborn', {}, id='first')
    answers = [service.post('count', {'steps': 1}, id=f'job-{n}') for n in range(34)]
    refused = [answer for answer in answers if answer.status_code != 202]
    assert refused
    assert {code_of(answer) for answer in refused} == {'sidecar-busy'}


def test_routes_that_are_not_there_say_so(service: Service):
    assert code_of(service.http.get('/nowhere')) == 'not-found'
    assert code_of(service.http.get('/jobs/unknown')) == 'job-unknown'
    assert code_of(service.http.get('/jobs/unknown', params={'fence': 'x'})) == 'invalid-request'
