"""The artifact: an encoder of histories (ONNX), the items' vectors and ids, answers to check them by."""

import hashlib
import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save

from hamlet_sidecar.answers import ANSWERS_FILE, record_answers
from hamlet_sidecar.artifacts import read_manifest, verify_files, write_artifact
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.onnx_file import save_onnx
from hamlet_sidecar.sequence.batches import padded
from hamlet_sidecar.sequence.histories import Histories
from hamlet_sidecar.sequence.model import Sasrec

CONTRACT = 'sasrec/1'
OPSET = 18
ASKED = 4
TABLE = 'items.weight'


class _Users(torch.nn.Module):
    def __init__(self, model: Sasrec):
        super().__init__()
        self.model = model

    def forward(self, items):
        return self.model.users(items)


def export_sasrec(
    artifacts: Path, model: Sasrec, histories: Histories, spec: dict, report: dict, rows: list[np.ndarray]
) -> str:
    """Name of the folder written. Its version is the digest of weights, ids and spec."""
    model = model.cpu().float().eval()
    weights = save({name: value.contiguous().numpy() for name, value in model.state_dict().items()})
    files = {
        'encoder.onnx': encoder_of(model),
        'items.safetensors': save({'vectors': model.vectors().detach().contiguous().numpy()}),
        'items.json': json.dumps(histories.items, ensure_ascii=False).encode(),
        # What a training on newer events starts from.
        'weights.safetensors': weights,
    }
    asked = padded([row[-spec['length'] :] + 1 for row in some_of(rows)]).numpy()
    files[ANSWERS_FILE] = record_answers({'encoder.onnx': (files['encoder.onnx'], {'items': asked})})
    plain = {name: int(value) if isinstance(value, bool) else value for name, value in spec.items()}
    named = hashlib.sha256(weights + files['items.json'] + json.dumps(plain, sort_keys=True).encode())
    return write_artifact(
        artifacts,
        f'sasrec-{spec["items"]}',
        named.hexdigest()[:16],
        files,
        contract=CONTRACT,
        dataset={'digest': histories.digest, 'users': len(rows), 'items': len(histories.items)},
        parameters=plain,
        metrics=report,
        seeds=[spec['seed']],
    ).name


def some_of(rows: list[np.ndarray]) -> list[np.ndarray]:
    """The shortest, the longest, and some between."""
    by_length = sorted(rows, key=len)
    return [by_length[i] for i in np.linspace(0, len(rows) - 1, min(ASKED, len(rows))).astype(int)]


def encoder_of(model: Sasrec) -> bytes:
    """items: int64 (batch, length), filled up with 0 on the right; users: float32 (batch, d)."""
    example = torch.ones(2, max(2, min(8, model.length)), dtype=torch.int64)
    batch, length = torch.export.Dim('batch'), torch.export.Dim('length', max=model.length)
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter('ignore')
        program = torch.onnx.export(
            _Users(model).eval(),
            (example,),
            input_names=['items'],
            output_names=['users'],
            dynamic_shapes={'items': {0: batch, 1: length}},
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        save_onnx(program, Path(folder) / 'encoder.onnx')
        return Path(folder, 'encoder.onnx').read_bytes()


def start_from(folder: Path, model: Sasrec, items: list[str]) -> None:
    """Weights of an artifact of the same shape; items it does not know keep their random start.

    Raises SidecarError `artifact-invalid` or `digest-mismatch`.
    """
    verify_files(folder, read_manifest(folder))
    weights = load_file(folder / 'weights.safetensors')
    known = {name: row for row, name in enumerate(json.loads((folder / 'items.json').read_text()))}
    table, mine = weights.pop(TABLE), model.state_dict()
    if {n: v.shape for n, v in weights.items()} != {n: tuple(v.shape) for n, v in mine.items() if n != TABLE}:
        raise SidecarError('artifact-invalid', f'{folder.name} is a model of another shape')
    shared = [(column + 1, known[name] + 1) for column, name in enumerate(items) if name in known]
    with torch.no_grad():
        for name, value in weights.items():
            mine[name].copy_(torch.from_numpy(value))
        for new, old in shared:
            mine[TABLE][new] = torch.from_numpy(table[old])
