"""The artifact `ranker-image` or `ranker-model`: a network of features (ONNX), and answers to check it by."""

import hashlib
import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch

from hamlet_sidecar.answers import ANSWERS_FILE, record_answers
from hamlet_sidecar.artifacts import write_artifact
from hamlet_sidecar.onnx_file import save_onnx
from hamlet_sidecar.ranker.fit import Fitted
from hamlet_sidecar.ranker.impressions import Impressions

CONTRACT = 'ranker/1'
OPSET = 18
NETWORK = 'ranker.onnx'
ASKED = 8


class _Chances(torch.nn.Module):
    def __init__(self, ranker):
        super().__init__()
        self.ranker = ranker

    def forward(self, features):
        return torch.sigmoid(self.ranker(features))


def export_ranker(artifacts: Path, chosen: Fitted, learned: Impressions, spec: dict, report: dict) -> str:
    """Name of the folder written. Its version is the digest of network, names and spec."""
    network = network_of(chosen, len(learned.names))
    asked = learned.features[np.linspace(0, len(learned.features) - 1, ASKED).astype(int)]
    plain = {**spec, 'model': chosen.model, 'features': ' '.join(learned.names)}
    named = hashlib.sha256(network + json.dumps(plain, sort_keys=True).encode())
    return write_artifact(
        artifacts,
        f'ranker-{spec["items"]}',
        named.hexdigest()[:16],
        {NETWORK: network, ANSWERS_FILE: record_answers({NETWORK: (network, {'features': asked})})},
        contract=CONTRACT,
        dataset={'digest': learned.digest},
        parameters=plain,
        metrics=report,
        seeds=[spec['seed']],
    ).name


def network_of(chosen: Fitted, names: int) -> bytes:
    """features: float32 (rows, names) in [0, 1]; scores: float32 (rows), the chance of a deed once looked at."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter('ignore')
        program = torch.onnx.export(
            _Chances(chosen.ranker).eval(),
            (torch.zeros(2, names),),
            input_names=['features'],
            output_names=['scores'],
            dynamic_shapes={'features': {0: torch.export.Dim('rows')}},
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        save_onnx(program, Path(folder) / NETWORK)
        return Path(folder, NETWORK).read_bytes()
