"""An artifact that exists, with the encoder that this release exports from its weights."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

from hamlet_sidecar.answers import ANSWERS_FILE, record_answers
from hamlet_sidecar.artifacts import read_manifest, verify_files, write_artifact
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.sequence.export import CONTRACT, encoder_of
from hamlet_sidecar.sequence.model import Sasrec

TOLERANCE = 1e-4


def export_again(folder: Path) -> float:
    """Replaces the folder, whose version stays: it answers its own questions as before, only sooner.

    The largest difference between an old answer and a new one. Raises SidecarError `artifact-invalid` for what is no
    SASRec or has no weights, and where that difference is more than 1e-4: then the folder stays as it is.
    """
    manifest = read_manifest(folder)
    verify_files(folder, manifest)
    if manifest['contract'] != CONTRACT:
        raise SidecarError('artifact-invalid', f'{folder.name} is a {manifest["contract"]}, no {CONTRACT}')
    if 'weights.safetensors' not in manifest['files']:
        raise SidecarError('artifact-invalid', f'{folder.name} has no weights to export')
    model = Sasrec(len(json.loads((folder / 'items.json').read_text())), manifest['parameters'])
    weights = load_file(folder / 'weights.safetensors')
    model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    encoder = encoder_of(model.eval())
    [told] = json.loads((folder / ANSWERS_FILE).read_text())
    items = told['inputs']['items']
    answers = record_answers(
        {'encoder.onnx': (encoder, {'items': np.array(items['data']).reshape(items['dims'])})}
    )
    [again] = json.loads(answers)
    old, new = (np.array(answer['outputs']['users']['data']) for answer in (told, again))
    difference = float(np.abs(old - new).max())
    if not difference <= TOLERANCE:
        raise SidecarError('artifact-invalid', f'{folder.name} would answer {difference} off its answers')
    kept = {name: folder / name for name in manifest['files'] if name != 'metrics.json'}
    write_artifact(
        folder.parent,
        manifest['kind'],
        manifest['version'],
        {**kept, 'encoder.onnx': encoder, ANSWERS_FILE: answers},
        contract=CONTRACT,
        dataset=manifest['dataset'],
        parameters=manifest['parameters'],
        metrics=json.loads((folder / 'metrics.json').read_text()),
        seeds=manifest['seeds'],
    )
    return difference
