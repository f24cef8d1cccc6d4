"""Job `edit-w2w-lora`: a LoRA moved along directions to an artifact `w2w-edit`: the file, its story, a preview."""

import hashlib
import json
from typing import Any

import torch
from torch import Tensor

from hamlet_sidecar.artifacts import write_artifact
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.bases import open_base
from hamlet_sidecar.w2w.compress import EDIT_RANK
from hamlet_sidecar.w2w.delta import Lora
from hamlet_sidecar.w2w.direction import load_direction
from hamlet_sidecar.w2w.edit import Axis, axes_of, interpolated, nearest, seen, step
from hamlet_sidecar.w2w.preview import grid
from hamlet_sidecar.w2w.read import read_lora
from hamlet_sidecar.w2w.spaces import Space, load_space
from hamlet_sidecar.w2w.write import write_lora

KIND, CONTRACT = 'w2w-edit', 'w2w-edit/1'
FILE, STORY, PREVIEW = 'lora.safetensors', 'edit.json', 'preview.png'
# Parts of the α asked for, so that the grid shows the way there and a little of the way back and beyond.
COLUMNS = (-0.5, 0.0, 0.5, 1.0, 1.5)


def run(spec: dict, job) -> dict:
    """`base` is `mean`, or {lora, file}; `towards` {lora, file, share} goes part of the way to another LoRA;
    `directions` [{artifact, alpha}]; `rank` of the change in each layer; `model` the folder of the base model; `preview` {prompts, seed, steps}.
    """
    folder = job.path(spec['space'])
    if not folder.is_dir():
        raise SidecarError('space-missing', f'the files of {spec["space"]} are gone: build the space again')
    space = load_space(folder)
    base = read_base(spec, job)
    directions = [load_direction(job.path(each['artifact'])) for each in spec['directions']]
    axes = axes_of(space, folder.name, directions, spec.get('orthogonal', False))
    alphas = [each['alpha'] for each in spec['directions']]
    moved = (step(axes, alphas) if axes else 0) + way(space, base, spec, job)
    at = space.place(base) if base else torch.zeros(space.dimensions)
    rank = spec.get('rank', EDIT_RANK)
    lora = space.edited(base, moved, rank)
    told = story(space, folder.name, axes, alphas, at, moved, spec)
    job.progress(0.2)
    job.raise_if_cancelled()
    path = job.checkpoint / FILE
    write_lora(path, lora, spec.get('format', 'diffusers'), metadata_of(told))
    files: dict[str, Any] = {FILE: path, STORY: json.dumps(told, indent=2).encode()}
    if 'preview' in spec:
        files[PREVIEW] = preview(space, base, axes, alphas, moved, told, spec, job)
    return {'artifact': publish(files, told, version_of(told, lora), spec, job), **told}


def read_base(spec: dict, job) -> Lora | None:
    """None is the mean of the space."""
    return None if spec['base'] == 'mean' else open_lora(spec['base']['file'], spec, job)


def open_lora(file: str, spec: dict, job) -> Lora:
    base = open_base(job.path(spec['model']))
    return read_lora(job.path(file), base.layers, base.weight)


def way(space: Space, base: Lora | None, spec: dict, job) -> Tensor:
    """Of an interpolation, in coordinates."""
    if 'towards' not in spec:
        return torch.zeros(space.dimensions)
    other = open_lora(spec['towards']['file'], spec, job)
    return interpolated(space, base, other, spec['towards']['share'])


def story(
    space: Space, digest: str, axes: list[Axis], alphas: list[float], at: Tensor, moved: Tensor, spec: dict
) -> dict:
    """Where the file comes from: enough to make it again, and to know which LoRAs are in it."""
    base = spec['base'] if spec['base'] == 'mean' else spec['base']['lora']
    sources = sorted(space.members)
    return {
        'baseModel': space.about.get('base'),
        'space': digest,
        'base': base,
        'directions': [
            {
                **{'direction': each['artifact'], 'name': axis.name, 'alpha': alpha},
                'seen': seen(space, axis, at),
            }
            for each, axis, alpha in zip(spec['directions'], axes, alphas, strict=True)
        ],
        **(
            {'towards': {name: spec['towards'][name] for name in ('lora', 'share')}}
            if 'towards' in spec
            else {}
        ),
        'orthogonal': spec.get('orthogonal', False),
        'rank': spec.get('rank', EDIT_RANK),
        'nearest': nearest(space, at + moved, [base]),
        'sources': {
            'count': len(sources),
            'digest': hashlib.sha256(json.dumps(sources).encode()).hexdigest(),
        },
    }


def metadata_of(told: dict) -> dict[str, str]:
    """safetensors holds text only."""
    return {
        'hamlet.w2w': json.dumps({name: told[name] for name in told if name != 'nearest'}),
        'base_model': str(told['baseModel']),
    }


def preview(space, base, axes, alphas, moved: Tensor, told: dict, spec: dict, job) -> bytes:
    from hamlet_sidecar.w2w.painter import STEPS, Painter

    asked = spec['preview']
    painter = Painter(job.path(spec['model']))
    columns, heads, beyond = [], [], []
    for n, part in enumerate(COLUMNS):
        job.raise_if_cancelled()
        lora = space.edited(base, moved * part, spec.get('rank', EDIT_RANK))
        columns.append(painter.paint(lora, asked['prompts'], asked.get('seed', 1), asked.get('steps', STEPS)))
        here = [part * alpha for alpha in alphas]
        heads.append(f'alpha {here[0]:+.2g}' if len(here) == 1 else f'x {part:g}')
        ranges = [each['seen'] for each in told['directions']]
        beyond.append(any(not r['low'] <= a <= r['high'] for r, a in zip(ranges, here, strict=True)))
        job.progress(0.25 + 0.7 * (n + 1) / len(COLUMNS))
    return grid(columns, heads, beyond)


def version_of(told: dict, lora: Lora) -> str:
    """Of the weights and their story; the file's own bytes differ, because safetensors orders its header anew."""
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for layer in sorted(lora.deltas):
        digest.update(lora.deltas[layer].weight().numpy().tobytes())
    return digest.hexdigest()[:16]


def publish(files: dict[str, Any], told: dict, version: str, spec: dict, job) -> str:
    return write_artifact(
        job.artifacts,
        KIND,
        version,
        files,
        contract=CONTRACT,
        dataset={'digest': told['sources']['digest'], 'loras': told['sources']['count']},
        parameters={'space': told['space'], 'base': told['base']},
        metrics={'directions': len(told['directions'])},
        seeds=[spec.get('preview', {}).get('seed', 1)],
    ).name
