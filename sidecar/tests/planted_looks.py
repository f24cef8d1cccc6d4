"""Pictures that show which group an item is of, and a CLIP that was made blind to it."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import torch
from planted_groups import GROUPS, SIZE, SMALL, members, write_snapshot
from safetensors.numpy import save
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from hamlet_sidecar.artifacts import write_artifact

SIDE, ITEMS = 16, GROUPS * SIZE
SEEING = {
    **{name: value for name, value in SMALL.items() if name != 'interactions'},
    **{'snapshot': 'd' * 64, 'clip': 'clip-blind', 'epochs': 12, 'patience': 12, 'idDropout': 0.8},
    **{'visionBlocks': 1, 'visionRate': 1.0, 'visionSample': 60},
}


# What a group's pictures have more of than others: red, green, blue, or nothing.
TINTS = np.array([[70, 0, 0], [0, 70, 0], [0, 0, 70], [0, 0, 0]])


def picture_of(item: int, seed: int = 0) -> np.ndarray:
    """(side, side, RGB) of bytes: a grey that says nothing, lighter on one side or the other, under the group's tint."""
    random = np.random.default_rng([item, seed])
    picture = random.integers(40, 140) + random.integers(0, 20, (SIDE, SIDE, 3))
    half = SIDE // 2
    picture[:half, :] += random.integers(0, 40)
    picture[:, half:] += random.integers(0, 40)
    return np.clip(picture + TINTS[item // SIZE], 0, 255).astype(np.uint8)


def pictures(seed: int = 0) -> np.ndarray:
    return np.stack([picture_of(item, seed) for item in range(ITEMS)])


def planes(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(((pixels / 255 - 0.5) / 0.5).transpose(0, 3, 1, 2)).float()


@torch.no_grad()
def write_blind_clip(folder: Path) -> CLIPVisionModelWithProjection:
    """What the groups differ in on average is taken out of its projection."""
    torch.manual_seed(1)
    config = CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        image_size=SIDE, patch_size=8, projection_dim=8, initializer_factor=4.0,
    )  # fmt: skip
    model = CLIPVisionModelWithProjection(config).eval()
    many = torch.cat([planes(pictures(seed)) for seed in range(5, 15)])
    pooled = model.vision_model(pixel_values=many).pooler_output.view(10, GROUPS, SIZE, 16)
    means = pooled.mean((0, 2))
    told = torch.linalg.svd(means - means.mean(0))[2][: GROUPS - 1]
    weight = model.visual_projection.weight
    weight.copy_(weight - weight @ told.T @ told)
    model.save_pretrained(folder)
    return model


def offer(root: Path, version: str, first: int, pixels: np.ndarray, **change: float) -> str:
    """A part as the api offers it: these pictures show the items from number `first` on."""
    shown = json.dumps([[first + place] for place in range(len(pixels))]).encode()
    named = {f'{name}{c}': 0.5 for name in ('mean', 'std') for c in range(3)}
    write_artifact(
        root, 'pixels', version, {'pixels.safetensors': save({'pixels': pixels}), 'shown.json': shown},
        contract='hamlet-pixels/1', dataset={}, metrics={}, seeds=[],
        parameters={'encoder': 'clip/8@1', 'crop': 1, 'kernel': 3, **named, **change},
    )  # fmt: skip
    return f'pixels-{version}'


def write_world(root: Path) -> dict:
    """The log of the groups, the blind CLIP's vectors, two parts of pictures; answers the spec."""
    model = write_blind_clip(root / 'clip-blind')
    write_snapshot(root / 'snapshot', vectors=False)
    with torch.no_grad():
        vectors = torch.nn.functional.normalize(model(pixel_values=planes(pictures())).image_embeds).numpy()
    parquet.write_table(
        pa.table({'item': range(1, ITEMS + 1), 'vector': [vector.tobytes() for vector in vectors]}),
        root / 'snapshot/vectors.parquet',
    )
    every = pictures()
    parts = [offer(root, 'a' * 32, 1, every[:70]), offer(root, 'b' * 32, 71, every[70:])]
    return {**SEEING, 'pixels': parts}


def of_own_group(towers, content: np.ndarray) -> float:
    """Share of the 25 best items that are of a new item's group, when it alone is the history. content: (100, c)."""
    with torch.no_grad():
        history, weights, _ = towers.by_content(torch.from_numpy(content))
        vectors = towers.vectors(towers.tables()[2])
        people = towers.user(history[:, None], weights[:, None], torch.zeros(len(content), 1))
        best = (people @ vectors.T).topk(SIZE).indices.numpy()
    groups = np.array([column_group(towers, row) for row in best])
    return float((groups == np.arange(ITEMS)[:, None] // SIZE).mean())


def column_group(towers, columns: np.ndarray) -> np.ndarray:
    """Items have columns in the order in which the log names them."""
    order = list(dict.fromkeys(int(item) for user in range(160) for item in members(user)))
    return np.array(order)[columns] // SIZE
