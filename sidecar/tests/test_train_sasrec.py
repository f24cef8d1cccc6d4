import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from plain_job import PlainJob
from planted_sequences import RING, SMALL, write_ring
from safetensors.numpy import load_file

from hamlet_sidecar import epoch_training
from hamlet_sidecar.artifacts import describe_file, read_manifest, verify_files
from hamlet_sidecar.checkpoint import load_checkpoint
from hamlet_sidecar.errors import JobCancelled, SidecarError
from hamlet_sidecar.files import confine
from hamlet_sidecar.sequence import train
from hamlet_sidecar.sequence.export_again import export_again
from hamlet_sidecar.sequence.spec import complete


class Job(PlainJob):
    def path(self, relative: str) -> Path:
        return confine(self.artifacts, relative)


def job_in(folder: Path, **options) -> Job:
    write_ring(folder / 'ring.txt')
    return Job(folder, **options)


@pytest.fixture(scope='module')
def trained(tmp_path_factory: pytest.TempPathFactory):
    """Cancelled in its second epoch and started again."""
    folder = tmp_path_factory.mktemp('sasrec')
    saved = epoch_training.SECONDS_A_CHECKPOINT
    epoch_training.SECONDS_A_CHECKPOINT = 0
    with pytest.raises(JobCancelled):
        train.run(SMALL, job_in(folder, stop_at=0.12))
    epoch_training.SECONDS_A_CHECKPOINT = saved
    job = job_in(folder)
    return folder, job, train.run(SMALL, job)


def test_it_walks_on_around_the_ring(trained):
    _, job, result = trained
    assert result['validation'] == {'HR@10': 1.0, 'NDCG@10': 1.0}
    assert result['epochs'] < SMALL['epochs'], 'and ends when it gets no better'
    assert {'step', 'epoch', 'loss', 'deedsPerSecond', 'NDCG@10'} <= job.figures[-1].keys()


def test_its_artifact_names_the_next_item_from_any_length_of_history(trained):
    folder, _, result = trained
    artifact = folder / result['artifact']
    manifest = read_manifest(artifact)
    verify_files(artifact, manifest)
    assert (manifest['kind'], manifest['contract'], manifest['seeds']) == ('sasrec-image', 'sasrec/1', [1])
    ids = json.loads((artifact / 'items.json').read_text())
    vectors = load_file(artifact / 'items.safetensors')['vectors']
    session = onnxruntime.InferenceSession(artifact / 'encoder.onnx')
    number = {name: place + 1 for place, name in enumerate(ids)}

    def next_of(walks: list[list[int]]) -> list[str]:
        longest = max(map(len, walks))
        asked = [[number[f'i{n % RING}'] for n in walk] + [0] * (longest - len(walk)) for walk in walks]
        [users] = session.run(None, {'items': np.array(asked, np.int64)})
        return [ids[best] for best in (users @ vectors.T).argmax(1)]

    assert next_of([[3]]) == ['i4'], 'one person with one item'
    assert next_of([[48, 49]]) == ['i0']
    assert next_of([[10, 11, 12], list(range(30, 45)), [47, 48]]) == ['i13', 'i45', 'i49'], (
        'of several at once'
    )
    assert next_of([list(range(20))]) == ['i20'], 'as long as it may be'


def test_exported_again_it_is_the_same_artifact_with_another_encoder(trained, tmp_path: Path):
    folder, _, result = trained
    artifact = tmp_path / result['artifact']
    shutil.copytree(folder / artifact.name, artifact)
    before = read_manifest(artifact)
    assert export_again(artifact) <= 1e-4
    manifest = read_manifest(artifact)
    verify_files(artifact, manifest)
    for name in ('kind', 'version', 'contract', 'seeds', 'dataset', 'parameters'):
        assert manifest[name] == before[name]
    for name in ('items.json', 'items.safetensors', 'weights.safetensors', 'metrics.json'):
        assert manifest['files'][name] == before['files'][name]
    answers = json.loads((artifact / 'answers.json').read_text())
    answers[0]['outputs']['users']['data'][0] += 0.01
    (artifact / 'answers.json').write_text(json.dumps(answers))
    manifest['files']['answers.json'] = describe_file(artifact / 'answers.json')
    (artifact / 'manifest.json').write_text(json.dumps(manifest))
    with pytest.raises(SidecarError, match='off its answers'):
        export_again(artifact)
    assert read_manifest(artifact) == manifest, 'what is refused stays'


def test_a_training_that_was_stopped_ends_where_one_in_one_go_does(trained, tmp_path: Path):
    _, _, result = trained
    again = train.run(SMALL, job_in(tmp_path))
    assert again['artifact'] == result['artifact'], 'the version is the digest of the weights'
    other = train.run(SMALL | {'seed': 2}, job_in(tmp_path))
    assert other['artifact'] != result['artifact']


def test_a_loss_that_is_no_number_stops_it_and_the_good_checkpoint_stays(tmp_path: Path, monkeypatch):
    real = train.next_item_loss
    steps = iter(range(1000))
    monkeypatch.setattr(
        train, 'next_item_loss', lambda *given: real(*given) * (float('nan') if next(steps) == 12 else 1)
    )
    job = job_in(tmp_path)
    with pytest.raises(SidecarError, match='became nan in step 12 of epoch 2') as stopped:
        train.run(SMALL, job)
    assert stopped.value.code == 'loss-not-finite'
    state = load_checkpoint(tmp_path / 'checkpoint/sasrec.pt', complete(SMALL))
    assert state['epoch'] == 2
    assert all(torch.isfinite(value).all() for value in state['model'].values())


def test_a_full_disk_leaves_no_half_artifact_and_the_training_goes_on_from_its_end(
    tmp_path: Path, monkeypatch
):
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, 'No space left on device')

    with monkeypatch.context() as patched:
        patched.setattr('hamlet_sidecar.artifacts.atomic_write_bytes', full)
        with pytest.raises(OSError, match='No space left'):
            train.run(SMALL, job_in(tmp_path))
    assert not list(tmp_path.glob('sasrec-*'))
    job = job_in(tmp_path)
    result = train.run(SMALL, job)
    assert (tmp_path / result['artifact']).is_dir()
    assert not job.figures, 'no step was done again'


def test_newer_events_start_from_the_last_artifact(trained, tmp_path: Path):
    folder, _, result = trained
    job = job_in(folder)
    (folder / 'more.txt').write_text((folder / 'ring.txt').read_text() + 'new i0 fresh i1 i2 i3\n')
    warm = {**SMALL, 'sequences': 'more.txt', 'start': result['artifact'], 'epochs': 1}
    assert train.run(warm, job)['validation']['HR@10'] > 0.95
    with pytest.raises(SidecarError, match='another shape') as refused:
        train.run(warm | {'d': 32}, job)
    assert refused.value.code == 'artifact-invalid'


@pytest.mark.parametrize(
    'options',
    [
        {'loss': 'sampled', 'negatives': 30, 'average': 0.9, 'precision': 'f32', 'smoothing': 0.3},
        {
            'gated': True,
            'labelSmoothing': 0.05,
            'position': 'learned',
            'distanceBias': True,
            'subsequence': 0.1,
            'subsequenceAfter': 5,
        },
        {'similarity': 'cosine', 'temperature': 0.05, 'position': 'none', 'heads': 2},
    ],
)
def test_every_way_to_train_finds_the_ring(options: dict, tmp_path: Path):
    result = train.run({**SMALL, 'epochs': 40, 'patience': 40, **options}, job_in(tmp_path))
    assert result['validation']['HR@10'] > 0.95
    assert (tmp_path / result['artifact'] / 'encoder.onnx').is_file()


@pytest.mark.parametrize('lines', ['', 'a x\nb y\nc z\n', 'a ' + 'x ' * 10_000 + '\n', 'a x y\nb z\n'])
def test_what_teaches_nothing_is_refused(lines: str, tmp_path: Path):
    (tmp_path / 'none.txt').write_text(lines)
    with pytest.raises(SidecarError) as refused:
        train.run(SMALL | {'sequences': 'none.txt'}, Job(tmp_path))
    assert refused.value.code == 'dataset-empty'


def test_one_person_is_a_dataset(tmp_path: Path):
    (tmp_path / 'one.txt').write_text('a ' + ' '.join(f'i{n}' for n in range(30)) + '\n')
    result = train.run(SMALL | {'sequences': 'one.txt', 'epochs': 2}, Job(tmp_path))
    assert (tmp_path / result['artifact']).is_dir()


def test_what_contradicts_itself_is_refused(tmp_path: Path):
    for wrong in (
        {'snapshot': 'latest'},
        {'d': 15},
        {'loss': 'sampled', 'labelSmoothing': 0.1},
        {'start': 'sasrec-image-1', 'smoothing': 0.5},
        {'sequences': '../out.txt'},
    ):
        with pytest.raises(SidecarError) as refused:
            train.run(SMALL | wrong, job_in(tmp_path))
        assert refused.value.code in ('spec-invalid', 'path-outside')
