"""Job `build-w2w-space`: LoRA files to an artifact `w2w-space`."""

import hashlib
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from hamlet_sidecar.artifacts import write_artifact
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.files import disk_errors
from hamlet_sidecar.w2w.bases import SD15, Base, open_base
from hamlet_sidecar.w2w.gram import FittedWhole
from hamlet_sidecar.w2w.layout import Layout, layers_of_method
from hamlet_sidecar.w2w.pca import Each, Fitted, fit
from hamlet_sidecar.w2w.read import LoraFile
from hamlet_sidecar.w2w.spaces import KIND, Space
from hamlet_sidecar.w2w.theta_matrix import ThetaMatrix
from hamlet_sidecar.w2w.theta_space import ThetaSpace
from hamlet_sidecar.w2w.whole import COMPONENTS, whole_space

DEFAULTS: dict[str, Any] = {
    # whole: of ΔW themselves; svd: θ of each layer's strongest components; attn_v, attn_qv, ff: of those layers alone.
    'method': 'whole',
    # Principal components; never more than LoRAs less one.
    'dimensions': 100,
    # A layer enters if so large a share of the LoRAs changes it; where one of them does not, it is zeros.
    'presence': 0.9,
    # raw: as the SVD gives them, to show what that does.
    'signs': 'canonical',
    'seed': 1,
}
FEWEST = 3


def run(spec: dict, job) -> dict:
    """`members` names a JSON file [{id, file, lineage}], `base` a folder under the artifacts, a hub id or sd15."""
    spec = {**DEFAULTS, **spec}
    # Components of each layer's ΔW; the paper has one.
    spec.setdefault('k', COMPONENTS if spec['method'] == 'whole' else 1)
    began = time.monotonic()
    base = base_of(spec['base'], job)
    members = read_members(job.path(spec['members']))
    files, left_out = _readable(members, base, job)
    layers, absent = _layers(files, base, spec)
    job.log(f'{len(files)} of {len(members)} LoRAs, {len(layers)} layers')
    layout = Layout(tuple((name, tuple(base.layers[name])) for name in layers), spec['k'])
    matrix = ThetaMatrix(job.checkpoint, layout, files)
    rows = matrix.fill(job)
    left_out |= matrix.left_out
    _require_enough(len(matrix.members), left_out)

    def each(done: float) -> None:
        job.raise_if_cancelled()
        job.progress(0.6 + 0.39 * done)

    about = {
        **{name: spec[name] for name in ('method', 'presence', 'signs', 'seed')},
        **{'base': base.name, 'baseDigest': base.digest},
        'lineage': {member['id']: member.get('lineage', member['id']) for member in members},
        'leftOut': left_out,
        'layersLeftOut': absent,
        'energy': {layer: matrix.energy.share(layer) for layer in layers},
    }
    space = _fitted(rows, layout, tuple(matrix.members), about, spec, each)
    figures = figures_of(space.fitted, layout, matrix, left_out)
    name = _publish(job.artifacts, space, members, spec, figures)
    del rows
    matrix.remove()
    return {'artifact': name, **figures, 'seconds': round(time.monotonic() - began, 1)}


def _fitted(rows, layout: Layout, members: tuple[str, ...], about: dict, spec: dict, each: Each) -> Space:
    dimensions, seed = spec['dimensions'], spec['seed']
    if spec['method'] == 'whole':
        return whole_space(rows, layout, dimensions, members, about, seed=seed, each=each)
    fitted = fit(rows, layout, dimensions, canonical=spec['signs'] == 'canonical', seed=seed, each=each)
    return ThetaSpace(layout, fitted, members, about)


def base_of(place: str, job) -> Base:
    if place == SD15.name:
        return SD15
    folder = job.path(place)
    return open_base(folder if folder.exists() else place)


def read_members(path: Path) -> list[dict[str, str]]:
    """Raises SidecarError `members-invalid`."""
    try:
        members = json.loads(path.read_text())
        wrong = [m for m in members if not (isinstance(m['id'], str) and isinstance(m['file'], str))]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SidecarError('members-invalid', f'{path.name} is no list of LoRAs: {error}') from error
    if wrong or len({m['id'] for m in members}) < len(members):
        raise SidecarError('members-invalid', f'{path.name} names a LoRA twice or without its file')
    return members


def figures_of(
    fitted: Fitted | FittedWhole, layout: Layout, matrix: ThetaMatrix, left_out: dict[str, str]
) -> dict:
    explained = (fitted.variances.cumsum(0) / fitted.total_variance).tolist()
    steps = sorted({m for m in (1, 2, 5, 10, 20, 50, 100, 200, 500, len(explained)) if m <= len(explained)})
    return {
        **{'members': len(matrix.members), 'leftOut': dict(Counter(left_out.values()))},
        **{'layers': len(layout.layers), 'size': layout.size, 'dimensions': len(explained)},
        'energyKept': matrix.energy.total(),
        'varianceExplained': {str(m): round(explained[m - 1], 4) for m in steps},
        'heldoutError': fitted.heldout,
    }


def _readable(members: list[dict], base: Base, job) -> tuple[dict[str, LoraFile], dict[str, str]]:
    files, left_out = {}, {}
    for member in members:
        job.raise_if_cancelled()
        path = job.path(member['file'])
        try:
            files[member['id']] = LoraFile(path, base.layers, base.weight if base.file else None)
        except SidecarError as error:
            job.log(f'{member["id"]} is left out: {error.code}: {error}')
            left_out[member['id']] = error.code
    _require_enough(len(files), left_out)
    return files, left_out


def _require_enough(count: int, left_out: dict[str, str]) -> None:
    if count < FEWEST:
        why = ', '.join(f'{n} × {code}' for code, n in Counter(left_out.values()).items())
        raise SidecarError(
            'w2w-too-few',
            f'a space needs {FEWEST} LoRAs at least, and {count} can be read' + (f' ({why})' if why else ''),
        )


def _layers(files: dict[str, LoraFile], base: Base, spec: dict) -> tuple[list[str], dict[str, float]]:
    """Those of the method that enough LoRAs change, and the share that changes each of the others."""
    counts = Counter(layer for file in files.values() for layer in file.layers())
    wanted = sorted(layers_of_method(spec['method'], list(counts)))
    share = {layer: counts[layer] / len(files) for layer in wanted}
    kept = [layer for layer in wanted if share[layer] >= spec['presence']]
    if not kept:
        raise SidecarError(
            'w2w-no-layers', f'no layer of {spec["method"]} is in {spec["presence"]:.0%} of the LoRAs'
        )
    return kept, {layer: round(share[layer], 4) for layer in wanted if layer not in kept}


def _publish(artifacts: Path, space: Space, members: list[dict], spec: dict, figures: dict) -> str:
    files = space.files()
    version = hashlib.sha256(b''.join(files[name] for name in sorted(files))).hexdigest()[:16]
    used = sorted((m['id'], m['file']) for m in members if m['id'] in set(space.members))
    dataset = {'digest': hashlib.sha256(json.dumps(used).encode()).hexdigest(), 'members': len(used)}
    plain = {name: value for name, value in spec.items() if isinstance(value, str | int | float)}
    about = {'contract': space.contract, 'dataset': dataset, 'parameters': plain, 'seeds': [spec['seed']]}
    with disk_errors('the space'):
        return write_artifact(artifacts, KIND, version, files, metrics=figures, **about).name
