"""The artifact: both towers (ONNX), the items' vectors and ids, answers to check them by."""

import copy
import hashlib
import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor, nn

from hamlet_sidecar.answers import ANSWERS_FILE, record_answers
from hamlet_sidecar.artifacts import write_artifact
from hamlet_sidecar.onnx_file import save_onnx
from hamlet_sidecar.towers.content_towers import ContentTowers
from hamlet_sidecar.towers.data import Interactions
from hamlet_sidecar.towers.model import TwoTowers
from hamlet_sidecar.towers.seen_items import Looking
from hamlet_sidecar.towers.vision import plain_attention

CONTRACT = 'two-tower/1'
OPSET = 18
ASKED = 3
LONGEST = 8


class _ByContent(nn.Module):
    """content (n, c) to what the tables have of an item: history (n, d), weights (n,), items (n, d)."""

    def __init__(self, model: TwoTowers | ContentTowers):
        super().__init__()
        self.model = model

    def forward(self, content: Tensor):
        return self.model.by_content(content)


def export_towers(
    artifacts: Path,
    model: TwoTowers | ContentTowers,
    data: Interactions,
    spec: dict,
    report: dict,
    rows: list[np.ndarray],
    looking: Looking | None = None,
) -> str:
    """Name of the folder written. Its version is the digest of weights, ids and spec.

    Towers of content come without tables: serving makes them of the items that it has. With `looking` content is
    what `vision.onnx` sees in pictures; then those that it has seen have tables, so that nobody looks at them again.
    """
    model = model.cpu().float().eval()
    with torch.no_grad():
        history, weights, items = (table.detach().contiguous() for table in model.tables())
        vectors = model.vectors(items).contiguous()
    alone = isinstance(model, ContentTowers)
    tabled = np.arange(len(data.items)) if not alone else seen_columns(data) if looking else np.arange(0)
    ids = [data.items[c] for c in tabled]
    tables = {'history': history, 'weights': weights, 'vectors': vectors}
    trained = save({name: value.contiguous().numpy() for name, value in model.state_dict().items()})
    files = {
        'user.onnx': user_tower(model, history.shape[1]),
        'items.safetensors': save({name: table.numpy()[tabled] for name, table in tables.items()}),
        'items.json': json.dumps(ids, ensure_ascii=False).encode(),
        # What a training on newer events starts from; towers of content begin anew.
        **({'tags.json': json.dumps(data.tags).encode()} if alone else {'weights.safetensors': trained}),
    }
    asked = {'user.onnx': (files['user.onnx'], question(rows, history, weights, spec['length']))}
    if data.content.shape[1]:
        files['item.onnx'] = item_tower(model, data.content.shape[1])
        asked['item.onnx'] = (files['item.onnx'], {'content': data.content[:ASKED]})
    seen = b''
    if looking:
        seen = files['vision.onnx'] = vision(looking)
        asked['vision.onnx'] = (seen, {'pixels': looking.pixels.astype(np.int32)})
    files[ANSWERS_FILE] = record_answers(asked)
    plain = {name: plain_of(value) for name, value in spec.items()} | (looking.making if looking else {})
    named = hashlib.sha256(trained + seen + files['items.json'] + json.dumps(plain, sort_keys=True).encode())
    return write_artifact(
        artifacts,
        f'two-tower-{spec["items"]}',
        named.hexdigest()[:16],
        files,
        contract=CONTRACT,
        dataset={'digest': data.digest, 'users': len(data.rows), 'items': len(data.items)},
        parameters=plain | {'content': data.content.shape[1], 'ordered': int(data.ordered)},
        metrics=report,
        seeds=[spec['seed']],
    ).name


def seen_columns(data: Interactions) -> np.ndarray:
    """Of items that may be named and were looked at."""
    looks = data.content[:, : data.content.shape[1] - len(data.tags)]
    return np.flatnonzero(data.asked & looks.any(1))


def plain_of(value: Any) -> str | int | float:
    """As a manifest may hold it: of a list its length."""
    if isinstance(value, list):
        return len(value)
    return int(value) if isinstance(value, bool) else value


def vision(looking: Looking) -> bytes:
    """pixels (batch, side, side, RGB) int32 of 0…255 to vectors (batch, length) of length 1."""
    network = plain_attention(copy.deepcopy(looking.network)).requires_grad_(False)
    example = (torch.from_numpy(looking.pixels[[0, 0]].astype(np.int32)),)
    return exported(network, example, {'pixels': {0: torch.export.Dim('batch')}}, ['vectors'])


def question(rows: list[np.ndarray], history: Tensor, weights: Tensor, length: int) -> dict[str, np.ndarray]:
    """The shortest histories, and a longer one that is short enough to be stored as text."""
    some = sorted(rows, key=len)[:: max(1, len(rows) // ASKED)][:ASKED]
    newest = [row[-min(length, LONGEST) :].astype(np.int64) for row in some]
    most = max(map(len, newest))
    asked = {
        'vectors': np.zeros((len(newest), most, history.shape[1]), np.float32),
        'weights': np.zeros((len(newest), most), np.float32),
        'ages': np.full((len(newest), most), -1, np.float32),
    }
    for u, row in enumerate(newest):
        asked['vectors'][u, : len(row)] = history.numpy()[row]
        asked['weights'][u, : len(row)] = weights.numpy()[row]
        asked['ages'][u, : len(row)] = np.arange(len(row) - 1, -1, -1)
    return asked


def user_tower(model: TwoTowers | ContentTowers, d: int) -> bytes:
    """vectors (batch, length, d), weights and ages (batch, length) float32; users (batch, width of the items)."""
    batch, length = torch.export.Dim('batch'), torch.export.Dim('length')
    example = (torch.randn(2, 3, d), torch.zeros(2, 3), torch.ones(2, 3))
    shapes = {name: {0: batch, 1: length} for name in ('vectors', 'weights', 'ages')}
    return exported(model.user, example, shapes, ['users'])


def item_tower(model: TwoTowers | ContentTowers, width: int) -> bytes:
    shapes = {'content': {0: torch.export.Dim('batch')}}
    names = ['history', 'weights', 'items']
    half = isinstance(model, ContentTowers)
    return exported(_ByContent(model), (torch.randn(2, width),), shapes, names, half)


def exported(
    module: nn.Module, example: tuple[Tensor, ...], shapes: dict, outputs: list[str], half: bool = False
) -> bytes:
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter('ignore')
        program = torch.onnx.export(
            module.eval(),
            example,
            input_names=list(shapes),
            output_names=outputs,
            dynamic_shapes=shapes,
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        save_onnx(program, Path(folder) / 'tower.onnx', half)
        return Path(folder, 'tower.onnx').read_bytes()
