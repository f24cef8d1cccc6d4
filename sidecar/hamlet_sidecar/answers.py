"""Questions and answers that travel with a model: the api asks them again before it uses it (within 1e-4)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

ANSWERS_FILE = 'answers.json'
TYPES = {'float32', 'int32', 'int64'}


def record_answers(models: Mapping[str, tuple[Path | bytes, Mapping[str, np.ndarray]]]) -> bytes:
    """The content of `answers.json` for an artifact.

    `models` has, by the name of its file in the artifact, each ONNX model and one input by name.
    """
    import onnxruntime

    told = []
    for name, (model, inputs) in models.items():
        session = onnxruntime.InferenceSession(model, providers=['CPUExecutionProvider'])
        names = [output.name for output in session.get_outputs()]
        outputs = dict(zip(names, session.run(names, dict(inputs)), strict=True))
        told.append({'model': name, 'inputs': _plain(inputs), 'outputs': _plain(outputs)})
    return json.dumps(told, allow_nan=False).encode()


def ask_all(folder: Path) -> bytes | None:
    """The answers of every ONNX model below a folder to a question made up from its inputs; None without models."""
    import onnxruntime

    models = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob('*.onnx'))}
    asked = {}
    for name, path in models.items():
        inputs = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider']).get_inputs()
        asked[name] = (path, {one.name: _question(one.type, one.shape) for one in inputs})
    return record_answers(asked) if asked else None


def _question(kind: str, shape: list[int | str]) -> np.ndarray:
    """Two rows: numbers drawn from a seed, or ids that any vocabulary has."""
    dims = [size if isinstance(size, int) else 2 if axis == 0 else 8 for axis, size in enumerate(shape)]
    if kind == 'tensor(float)':
        return np.random.default_rng(1).normal(size=dims).astype(np.float32)
    return np.ones(dims, np.int64 if kind == 'tensor(int64)' else np.int32)


def _plain(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    unknown = {str(array.dtype) for array in arrays.values()} - TYPES
    if unknown:
        raise TypeError(f'answers are {", ".join(sorted(TYPES))}, not {", ".join(unknown)}')
    return {
        name: {'type': str(array.dtype), 'dims': list(array.shape), 'data': array.ravel().tolist()}
        for name, array in arrays.items()
    }
