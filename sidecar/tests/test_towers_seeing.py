"""Towers that go on learning in the last block of a CLIP which is blind to what people choose by."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from plain_job import PlainJob
from planted_looks import ITEMS, SIDE, of_own_group, offer, pictures, planes, write_world

from hamlet_sidecar import epoch_training
from hamlet_sidecar.artifacts import read_manifest
from hamlet_sidecar.errors import JobCancelled, SidecarError
from hamlet_sidecar.towers import train


@pytest.fixture(scope='module')
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    root = tmp_path_factory.mktemp('looks')
    return root, write_world(root)


@pytest.fixture(autouse=True)
def the_snapshot(monkeypatch, world) -> None:
    for place in ('sequence.histories', 'towers.content'):
        monkeypatch.setattr(
            f'hamlet_sidecar.{place}.open_snapshot', lambda job, digest: world[0] / 'snapshot'
        )


def job_in(root: Path, name: str, **options) -> PlainJob:
    job = PlainJob(root, **options)
    job.checkpoint = root / 'checkpoints' / name
    return job


@pytest.fixture
def unexported(monkeypatch) -> list:
    """Models instead of artifacts; the name is what they see in the catalogue."""
    models = []

    def keep(artifacts, model, data, spec, report, rows, looking=None) -> str:
        models.append((model, data, looking))
        return repr(float(data.content.astype(np.float64).sum()))

    monkeypatch.setattr(train, 'export_towers', keep)
    return models


def test_what_clip_cannot_tell_apart_is_told_apart_once_it_has_learned(world, unexported):
    root, spec = world
    train.run({**spec, 'visionBlocks': 0}, job_in(root, 'frozen'))
    result = train.run(spec, job_in(root, 'tuned'))
    (frozen, _, nothing), (tuned, _, looking) = unexported
    new = pictures(seed=1)
    assert nothing is None
    from transformers import CLIPVisionModelWithProjection

    blind = CLIPVisionModelWithProjection.from_pretrained(root / 'clip-blind').eval()
    with torch.no_grad():
        before = torch.nn.functional.normalize(blind(pixel_values=planes(new)).image_embeds)
        after = looking.network(torch.from_numpy(new))
    assert of_own_group(frozen, before.numpy()) < 0.4, 'a quarter by chance'
    assert of_own_group(tuned, after.numpy()) > 0.8
    assert result['validation']['Recall@20'] > 0.95


def test_its_artifact_sees_new_pictures_as_the_training_did(world):
    root, spec = world
    result = train.run({**spec, 'epochs': 1}, job_in(root, 'exported'))
    artifact = root / result['artifact']
    manifest = read_manifest(artifact)
    wanted = {'visionBlocks': 1, 'side': SIDE, 'crop': 1, 'kernel': 3, 'content': 8}
    assert wanted.items() <= manifest['parameters'].items()
    session = onnxruntime.InferenceSession(artifact / 'vision.onnx')
    [vectors] = session.run(None, {'pixels': pictures().astype(np.int32)})
    assert vectors.shape == (ITEMS, 8)
    [one] = session.run(None, {'pixels': pictures()[:1].astype(np.int32)})
    assert np.abs(one - vectors[:1]).max() < 1e-5
    state = torch.load(root / 'checkpoints/exported/two-tower.pt', weights_only=True)
    content = state['best']['weights']['item.content'].numpy()
    # The log names items in another order.
    nearest = np.abs(vectors[:, None] - content[None]).max(2).min(1)
    assert nearest.max() < 1e-4
    question = json.loads((artifact / 'answers.json').read_text())[-1]
    assert question['model'] == 'vision.onnx'
    assert question['inputs']['pixels']['dims'] == [1, SIDE, SIDE, 3]


def test_one_that_was_stopped_ends_where_one_in_one_go_does(world, monkeypatch, unexported):
    root, spec = world
    spec = {**spec, 'epochs': 3, 'average': 0.5}
    monkeypatch.setattr(epoch_training, 'SECONDS_A_CHECKPOINT', 0)
    with pytest.raises(JobCancelled):
        train.run(spec, job_in(root, 'stopped', stop_at=0.5))
    job = job_in(root, 'stopped')
    stopped = train.run(spec, job)['artifact']
    assert not any('stay as they are' in line for line in job.lines), 'no picture is seen from below again'
    whole, other = (
        train.run(one, job_in(root, name))['artifact']
        for name, one in (('whole', spec), ('other', {**spec, 'seed': 2}))
    )
    assert stopped == whole
    assert other != whole


def test_the_whole_transformer_can_learn_from_nothing(world, unexported):
    root, spec = world
    change = {'visionBlocks': 2, 'visionInitial': 'random', 'epochs': 1}
    train.run({**spec, **change}, job_in(root, 'random'))
    _, _, looking = unexported[0]
    assert looking.network.below is None
    assert looking.network(torch.from_numpy(pictures()[:3])).shape == (3, 8)


def test_towers_of_content_are_fitted_to_what_it_has_learned_to_see(world, unexported):
    root, spec = world
    train.run({**spec, 'of': 'content', 'ridge': 1e-3}, job_in(root, 'content'))
    towers, _, looking = unexported[0]
    with torch.no_grad():
        assert of_own_group(towers, looking.network(torch.from_numpy(pictures(seed=1))).numpy()) > 0.93


def test_models_are_the_mean_of_their_showcases(world, unexported):
    root, spec = world
    both = pictures()[:2]
    part = offer(root, 'c' * 32, 1, both)
    shown = root / part / 'shown.json'
    shown.write_text('[[1], [1, 2]]')
    manifest = json.loads((root / part / 'manifest.json').read_text())
    from hamlet_sidecar.artifacts import describe_file

    manifest['files']['shown.json'] = describe_file(shown)
    (root / part / 'manifest.json').write_text(json.dumps(manifest))
    train.run({**spec, 'pixels': [part], 'epochs': 0}, job_in(root, 'showcases'))
    _, data, looking = unexported[0]
    content = data.content
    with torch.no_grad():
        one, two = looking.network(torch.from_numpy(both)).numpy()
    places = [data.items.index(name) for name in ('i1', 'i2')]
    mean = (one + two) / np.linalg.norm(one + two)
    assert np.allclose(content[places], [mean, two], atol=1e-5)
    assert not np.delete(content, places, 0).any(), 'without a picture it is known by its id alone'


def test_without_pictures_or_with_wrong_ones_it_says_so(world, unexported):
    root, spec = world
    small = offer(root, 'e' * 32, 1, pictures()[:4, :8, :8])
    foreign = offer(root, 'f' * 32, 9_000, pictures()[:4])
    other = offer(root, '1' * 32, 1, pictures()[:4], mean0=0.4)
    broken = offer(root, '2' * 32, 1, pictures()[:4])
    (root / broken / 'pixels.safetensors').write_bytes(b'no pictures')
    shutil.copytree(root / 'clip-blind', root / 'clip-pickled')
    (root / 'clip-pickled/model.safetensors').rename(root / 'clip-pickled/pytorch_model.bin')
    shutil.copytree(root / 'clip-blind', root / 'clip-large')
    large = root / 'clip-large/config.json'
    large.write_text(json.dumps(json.loads(large.read_text()) | {'image_size': 592}))
    for change, code in (
        ({'pixels': []}, 'pictures-missing'),
        ({'pixels': [foreign]}, 'pictures-missing'),
        ({'pixels': [small]}, 'pictures-wrong-size'),
        ({'pixels': [*spec['pixels'], other]}, 'artifact-invalid'),
        ({'pixels': [broken]}, 'digest-mismatch'),
        ({'pixels': ['pixels-' + '3' * 32]}, 'artifact-invalid'),
        ({'pixels': ['../elsewhere']}, 'path-outside'),
        ({'clip': 'nowhere'}, 'clip-model-missing'),
        ({'clip': 'clip-pickled'}, 'clip-model-missing'),
        ({'clip': 'clip-large'}, 'pictures-too-large'),
        ({'visionBlocks': 3}, 'spec-invalid'),
    ):
        with pytest.raises(SidecarError) as refused:
            train.run({**spec, **change}, job_in(root, 'refused'))
        assert refused.value.code == code, change
    assert not unexported
