"""Job `learn-w2w-direction`: labels of LoRAs to an artifact `w2w-direction`."""

import hashlib
import json
from typing import Any

import torch.nn.functional as F

from hamlet_sidecar.artifacts import write_artifact
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.direction import CONTRACT, FILE, KIND, Direction, learn_direction, load_direction
from hamlet_sidecar.w2w.spaces import load_space


def run(spec: dict, job) -> dict:
    """`space`: folder of the space; `labels`: JSON file LoRA → whether; `others`: directions to compare it with."""
    folder = job.path(spec['space'])
    if not folder.is_dir():
        raise SidecarError('space-missing', f'the files of {spec["space"]} are gone: build the space again')
    space = load_space(folder)
    labels = read_labels(job.path(spec['labels']))
    job.progress(0.1)
    job.raise_if_cancelled()
    lineages = space.about.get('lineage', {})
    direction = learn_direction(space, folder.name, spec['name'], labels, lineages)
    job.raise_if_cancelled()
    cosines = {}
    for name in spec.get('others', []):
        other = load_direction(job.path(name))
        if other.space == direction.space:
            cosines[name] = round(float(F.cosine_similarity(direction.vector, other.vector, dim=0)), 4)
    return {'artifact': publish(direction, job), **direction.figures, 'cosines': cosines}


def read_labels(path) -> dict[str, bool]:
    """Raises SidecarError `labels-invalid`."""
    try:
        labels = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SidecarError('labels-invalid', f'{path.name} cannot be read: {error}') from error
    if not isinstance(labels, dict) or not all(isinstance(value, bool) for value in labels.values()):
        raise SidecarError('labels-invalid', f'{path.name} does not say true or false of each LoRA')
    return labels


def publish(direction: Direction, job) -> str:
    content = json.dumps(direction.told()).encode()
    labels = json.dumps(sorted(direction.labels.items())).encode()
    parameters: dict[str, Any] = {'name': direction.name, 'space': direction.space}
    return write_artifact(
        job.artifacts,
        KIND,
        hashlib.sha256(content).hexdigest()[:16],
        {FILE: content},
        contract=CONTRACT,
        dataset={'digest': hashlib.sha256(labels).hexdigest(), 'labels': len(direction.labels)},
        parameters=parameters,
        metrics=direction.figures,
        seeds=[0],
    ).name
