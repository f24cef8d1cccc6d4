"""`embed-images`: vectors of pictures that the api has already made into squares of pixels."""

import time
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from hamlet_sidecar.artifacts import read_manifest, verify_files, write_artifact
from hamlet_sidecar.clip.vision import open_vision
from hamlet_sidecar.device import device
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.context import JobContext

BATCH = 64


def run(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Reads `spec['pixels']`, a folder of pixels and their manifest, and writes an artifact of vectors."""
    folder = job.path(spec['pixels'])
    manifest = read_manifest(folder)
    verify_files(folder, manifest)
    pixels = read_pixels(folder / 'pixels.safetensors')
    mean, std = normalisation(manifest)
    encode = open_vision(job.path(spec['model']))

    began, first = time.monotonic(), resume(job.checkpoint / 'vectors.npy')
    rows = [] if first is None else [first]
    done = resumed = 0 if first is None else len(first)
    rate = 0.0
    while done < len(pixels):
        job.raise_if_cancelled()
        rows.append(unit(encode(planes(pixels[done : done + BATCH], mean, std))))
        done += len(rows[-1])
        if (done // BATCH) % 16 == 0:
            keep(job.checkpoint / 'vectors.npy', np.concatenate(rows))
        rate = (done - resumed) / max(1e-6, time.monotonic() - began)
        job.progress(done / len(pixels), images=done, imagesPerSecond=rate)
    vectors = np.concatenate(rows)
    artifact = write_artifact(
        job.artifacts,
        'embeddings',
        manifest['version'],
        {'vectors.safetensors': save({'vectors': vectors})},
        contract='hamlet-embeddings/1',
        dataset={'digest': str(manifest['version'])},
        parameters={'encoder': str(manifest['parameters']['encoder'])},
        metrics={'images': len(vectors), 'imagesPerSecond': rate, 'device': device().name},
        seeds=[],
    )
    return {'artifact': artifact.name, 'images': len(vectors), 'length': int(vectors.shape[1])}


def read_pixels(file: Path) -> np.ndarray:
    """[pictures, size, size, RGB] of bytes. Raises SidecarError `artifact-invalid`."""
    try:
        with safe_open(file, framework='numpy') as tensors:
            pixels = tensors.get_tensor('pixels')
    except (OSError, SafetensorError) as error:
        raise SidecarError('artifact-invalid', f'{file.name} holds no pixels') from error
    square = pixels.ndim == 4 and pixels.shape[1] == pixels.shape[2] and pixels.shape[3] == 3
    if pixels.dtype != np.uint8 or not square or len(pixels) == 0:
        raise SidecarError('artifact-invalid', f'{pixels.shape} of {pixels.dtype} are no pictures')
    return pixels


def normalisation(manifest: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """What the api does to the same pixels before its own network sees them."""
    try:
        given = [[float(manifest['parameters'][f'{name}{c}']) for c in range(3)] for name in ('mean', 'std')]
    except (KeyError, TypeError, ValueError) as error:
        raise SidecarError(
            'artifact-invalid', 'the manifest does not say how pixels are normalised'
        ) from error
    mean, std = np.asarray(given, dtype=np.float32)
    if not (np.isfinite(mean).all() and np.isfinite(std).all() and (std > 0).all()):
        raise SidecarError('artifact-invalid', 'the manifest normalises by what is no number')
    return mean, std


def planes(pixels: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """[n, size, size, RGB] of bytes to [n, RGB, size, size] float32, normalised by channel."""
    scaled = (pixels.astype(np.float32) / 255 - mean) / std
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows at length 1. Raises SidecarError `clip-model-invalid` for a row without a length."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths < 1e-12).any():
        raise SidecarError('clip-model-invalid', 'the model answers no usable numbers')
    return (vectors / lengths).astype(np.float32)


def keep(file: Path, vectors: np.ndarray) -> None:
    """Whole or not at all, for `resume`."""
    partial = file.with_suffix('.partial.npy')
    np.save(partial, vectors)
    partial.replace(file)


def resume(file: Path) -> np.ndarray | None:
    """What an attempt before has done; nothing where its file is cut off."""
    try:
        return np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
