import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from plain_job import PlainJob
from planted_pictures import write_pictures

from hamlet_sidecar.clip.check import Clip, check_clip
from hamlet_sidecar.clip.train import run
from hamlet_sidecar.errors import JobCancelled
from hamlet_sidecar.pictures import read_pictures

SPEC = {'renders': 'train', 'scale': 'test', 'steps': 100, 'batch': 16, 'learningRate': 3e-3}


@pytest.fixture(scope='module')
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stopped after its first checkpoint and started again."""
    folder = tmp_path_factory.mktemp('clip')
    write_pictures(folder / 'train', times=6)
    write_pictures(folder / 'heldout', times=1)
    with pytest.raises(JobCancelled):
        run(SPEC, PlainJob(folder, stop_at=0.55))
    result = run(SPEC, PlainJob(folder))
    assert result['folder'] == 'clip'
    return folder


def test_it_names_the_colours_of_pictures_it_has_not_seen(trained: Path):
    figures = check_clip(trained / 'clip', read_pictures(trained / 'heldout'))
    assert figures['paletteAccuracy'] == 1
    assert figures['among'] == 8


def test_recall_is_refused_where_two_pictures_have_one_prompt(trained: Path):
    with pytest.raises(ValueError, match='repeat a recipe'):
        check_clip(trained / 'clip', read_pictures(trained / 'train'))


def test_onnx_and_python_give_the_same_vectors_for_any_batch_and_length(trained: Path):
    clip = Clip(trained / 'clip')
    session = onnxruntime.InferenceSession(trained / 'clip/onnx/vision_model.onnx')
    pixels = torch.randn(5, 3, 96, 96)
    [images] = session.run(None, {'pixel_values': pixels.numpy()})
    with torch.no_grad():
        assert np.allclose(
            images, clip.model.get_image_features(pixel_values=pixels).pooler_output, atol=1e-4
        )
    session = onnxruntime.InferenceSession(trained / 'clip/onnx/text_model.onnx')
    words = clip.tokenizer(['red', 'a blue zebra, Gemälde', 'x'], padding=True, return_tensors='pt').input_ids
    [texts] = session.run(None, {'input_ids': words.numpy()})
    with torch.no_grad():
        assert np.allclose(texts, clip.model.get_text_features(input_ids=words).pooler_output, atol=1e-4)


def test_a_training_that_was_stopped_ends_where_one_in_one_go_does(trained: Path, tmp_path: Path):
    write_pictures(tmp_path / 'train', times=6)
    run(SPEC, PlainJob(tmp_path))
    pair = [Clip(folder / 'clip').model.state_dict() for folder in (trained, tmp_path)]
    assert all(torch.allclose(value, pair[1][name], atol=1e-4) for name, value in pair[0].items())


def test_a_clip_that_goes_on_with_other_pictures_keeps_its_vocabulary(trained: Path, tmp_path: Path):
    write_pictures(tmp_path / 'train', times=1)
    records = tmp_path / 'train/pictures.jsonl'
    records.write_text(records.read_text().replace('square', 'zeppelin'))
    shutil.copytree(trained / 'clip', tmp_path / 'start')
    run({**SPEC, 'start': 'start', 'steps': 1}, PlainJob(tmp_path))
    before, after = (Clip(folder).tokenizer for folder in (trained / 'clip', tmp_path / 'clip'))
    assert before.get_vocab() == after.get_vocab()
