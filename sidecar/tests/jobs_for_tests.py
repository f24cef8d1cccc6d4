"""A registry of jobs that exist to be tested on: `--registry jobs_for_tests`."""

import ctypes
import json
import os
import signal
import time
from typing import Any

from hamlet_sidecar.files import atomic_write_json
from hamlet_sidecar.jobs.context import JobContext

KINDS = {
    name: f'jobs_for_tests:{name}'
    for name in ('count', 'stubborn', 'fall', 'exhaust', 'read_file', 'print_lines')
}


def count(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Counts to `steps` with a checkpoint at each, and says where this attempt took up the count."""
    with open(job.checkpoint / 'processes', 'a') as file:
        file.write(f'{os.getpid()}\n')
    saved = job.checkpoint / 'step.json'
    first = json.loads(saved.read_text())['step'] if saved.exists() else 0
    for step in range(first, spec['steps']):
        job.raise_if_cancelled()
        time.sleep(spec.get('seconds', 0))
        atomic_write_json(saved, {'step': step + 1})
        job.progress((step + 1) / spec['steps'], step=step + 1)
    return {'counted': spec['steps'], 'resumedAt': first}


def stubborn(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Never asks whether it was cancelled."""
    job.progress(0.5)
    time.sleep(600)
    return {}


def fall(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Ends in a way that no job should."""
    if spec['how'] == 'raise':
        raise ValueError('the loss is not a number')
    if spec['how'] == 'exit':
        os._exit(3)
    if spec['how'] == 'segfault':
        ctypes.string_at(0)
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def exhaust(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Asks for more memory than any machine has."""
    if spec['of'] == 'python':
        bytearray(1 << 62)
    import torch

    torch.empty(1 << 50)
    return {}


def read_file(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    return {'text': job.path(spec['path']).read_text()}


def print_lines(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Prints as libraries do, in the middle of its messages."""
    for line in range(spec['lines']):
        print(f'line {line}')
    return {}
