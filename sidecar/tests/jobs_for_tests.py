"""A registry of jobs that exist to be tested on: `--registry jobs_for_tests`."""

import ctypes
import json
import os
import pickle
import signal
import time
from pathlib import Path
from typing import Any

from hamlet_sidecar.answers import ANSWERS_FILE, record_answers
from hamlet_sidecar.artifacts import describe_file, read_manifest, write_artifact
from hamlet_sidecar.files import atomic_write_json
from hamlet_sidecar.jobs.context import JobContext
from hamlet_sidecar.snapshots import open_snapshot

KINDS = {
    name: f'jobs_for_tests:{name}'
    for name in (
        *('count', 'stubborn', 'fall', 'exhaust', 'fill', 'read_file', 'print_lines'),
        *('make_artifact', 'statistics', 'export_model'),
    )
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


def fill(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Writes to a disk that has no room."""
    Path('/dev/full').write_bytes(b'weights')
    return {}


def read_file(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    return {'text': job.path(spec['path']).read_text()}


def print_lines(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Prints as libraries do, in the middle of its messages."""
    for line in range(spec['lines']):
        print(f'line {line}')
    return {}


def make_artifact(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Counts like `count`, then leaves an artifact; `spoil` says what is wrong with it."""
    counted = count(spec, job)
    folder = write_artifact(
        job.artifacts,
        'toy',
        job.job_id,
        {'weights/toy.bin': b'toy'},
        contract='toy/1',
        dataset={'digest': spec.get('dataset', 'none')},
        parameters={'steps': spec['steps']},
        metrics={'accuracy': 0.5},
        seeds=[1],
    )
    if spec.get('spoil') == 'digest':
        (folder / 'weights/toy.bin').write_bytes(b'toz')
    if spec.get('spoil') == 'pickle':
        rewrite(folder, 'weights/toy.bin', pickle.dumps({'weights': [1, 2]}))
    if spec.get('spoil') == 'outside':
        return {'artifact': '../toy'}
    return counted | {'artifact': folder.name}


def rewrite(folder: Path, name: str, content: bytes) -> None:
    """Another content whose digest is right."""
    (folder / name).write_bytes(content)
    manifest = read_manifest(folder)
    manifest['files'][name] = describe_file(folder / name)
    atomic_write_json(folder / 'manifest.json', manifest)


def statistics(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Reads a snapshot as a training does, and leaves an artifact that names it."""
    from pyarrow import parquet

    folder = open_snapshot(job, spec['snapshot'])
    events = parquet.read_table(folder / 'events.parquet')
    items = parquet.read_table(folder / 'items.parquet')
    counts = {row['values']: row['counts'] for row in events['type'].value_counts().to_pylist()}
    artifact = write_artifact(
        job.artifacts,
        'statistics',
        job.job_id,
        {'types.json': json.dumps(counts).encode()},
        contract='statistics/1',
        dataset={'digest': spec.get('pretend', spec['snapshot'])},
        parameters={},
        metrics={'events': events.num_rows},
        seeds=[],
    )
    last = events['at'].to_pylist()[-1]
    return {
        'artifact': artifact.name,
        'types': counts,
        'items': sorted(items['id'].to_pylist()),
        'tags': json.loads(items['tags'].to_pylist()[0]),
        'users': len(events['user'].unique()),
        'last': last.isoformat(),
    }


def export_model(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Leaves a small network with an answer of its own, or with another's."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    def network(seed: int) -> bytes:
        weights = np.random.default_rng(seed).normal(size=(4, 2)).astype(np.float32)
        x = helper.make_tensor_value_info('x', TensorProto.FLOAT, ['batch', 4])
        y = helper.make_tensor_value_info('y', TensorProto.FLOAT, ['batch', 2])
        node = helper.make_node('MatMul', ['x', 'weights'], ['y'])
        graph = helper.make_graph([node], 'network', [x], [y], [numpy_helper.from_array(weights, 'weights')])
        opsets = [helper.make_opsetid('', 20)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()

    model = network(1)
    question = {'x': np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)}
    asked = network(2) if spec.get('answers') == 'of another' else model
    artifact = write_artifact(
        job.artifacts,
        'network',
        job.job_id,
        {'onnx/net.onnx': model, ANSWERS_FILE: record_answers({'onnx/net.onnx': (asked, question)})},
        contract='network/1',
        dataset={},
        parameters={},
        metrics={},
        seeds=[1],
    )
    return {'artifact': artifact.name}
