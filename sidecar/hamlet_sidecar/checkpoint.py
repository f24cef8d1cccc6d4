"""State of a training on disk: written whole or not at all, so that a killed job goes on from the last one."""

import os
from pathlib import Path

import torch


def save_checkpoint(path: Path, state: dict) -> None:
    """state: tensors and plain values by name, the whole `spec` among them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f'{path.name}.{os.getpid()}')
    torch.save(state, unfinished)
    os.replace(unfinished, path)


def load_checkpoint(path: Path, spec: dict) -> dict | None:
    """None when there is none, or when it is of another spec: that would be another training."""
    if not path.exists():
        return None
    state = torch.load(path, weights_only=True, map_location='cpu')
    return state if state['spec'] == spec else None
