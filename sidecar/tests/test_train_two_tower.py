import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import scipy.sparse as sparse
import torch
from plain_job import PlainJob
from planted_groups import EACH, GROUPS, SIZE, SMALL, look_of, write_groups, write_snapshot
from safetensors.numpy import load_file

from hamlet_sidecar import epoch_training
from hamlet_sidecar.artifacts import read_manifest, verify_files
from hamlet_sidecar.checkpoint import load_checkpoint
from hamlet_sidecar.errors import JobCancelled, SidecarError
from hamlet_sidecar.towers import train, training
from hamlet_sidecar.towers.examples import batch_of
from hamlet_sidecar.towers.spec import complete


def job_in(folder: Path, **options) -> PlainJob:
    folder.mkdir(exist_ok=True)
    write_groups(folder / 'groups.npz')
    return PlainJob(folder, **options)


@pytest.fixture(scope='module')
def trained(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp('towers')
    job = job_in(folder)
    return folder, job, train.run(SMALL, job)


@pytest.fixture
def unexported(monkeypatch) -> list:
    """Models instead of artifacts: exporting takes longer than learning. The name is the digest of the weights."""
    models = []

    def keep(artifacts, model, data, spec, report, rows, looking=None) -> str:
        models.append(model)
        weights = b''.join(value.numpy().tobytes() for value in model.state_dict().values())
        return hashlib.sha256(weights).hexdigest()

    monkeypatch.setattr(train, 'export_towers', keep)
    return models


def wanted(artifact: Path, history: list[int], count: int) -> list[int]:
    """The best columns by the exported tower, what was seen left out."""
    tables = load_file(artifact / 'items.safetensors')
    session = onnxruntime.InferenceSession(artifact / 'user.onnx')
    asked = {
        'vectors': tables['history'][None, history],
        'weights': tables['weights'][None, history],
        'ages': np.arange(len(history) - 1, -1, -1, dtype=np.float32)[None],
    }
    scores = (session.run(None, asked)[0] @ tables['vectors'].T)[0]
    scores[history] = -np.inf
    return np.argsort(-scores)[:count].tolist()


def test_it_finds_what_is_left_of_each_group(trained):
    _, job, result = trained
    assert result['validation']['Recall@20'] > 0.95
    assert {'step', 'epoch', 'loss', 'peoplePerSecond', 'NDCG@20'} <= job.figures[-1].keys()


def test_its_artifact_serves_somebody_it_has_never_seen(trained):
    folder, _, result = trained
    artifact = folder / result['artifact']
    manifest = read_manifest(artifact)
    verify_files(artifact, manifest)
    assert (manifest['kind'], manifest['contract'], manifest['seeds']) == (
        'two-tower-image',
        'two-tower/1',
        [1],
    )
    assert len(json.loads((artifact / 'items.json').read_text())) == GROUPS * SIZE
    for history in ([30], [30, 31, 32], [99, 80, 75, 76, 77, 78, 90, 91, 92, 93, 94, 95]):
        group = history[0] // SIZE
        assert {item // SIZE for item in wanted(artifact, history, 12)} == {group}, 'from the first event on'


def test_a_training_that_was_stopped_ends_where_one_in_one_go_does(tmp_path: Path, monkeypatch, unexported):
    monkeypatch.setattr(epoch_training, 'SECONDS_A_CHECKPOINT', 0)
    with pytest.raises(JobCancelled):
        train.run(SMALL, job_in(tmp_path / 'stopped', stop_at=0.25))
    whole, stopped, other = (
        train.run(spec, job_in(tmp_path / name))['artifact']
        for name, spec in (('whole', SMALL), ('stopped', SMALL), ('other', SMALL | {'seed': 2}))
    )
    assert stopped == whole
    assert other != whole


def test_new_items_are_known_by_their_content(tmp_path: Path, monkeypatch):
    write_snapshot(tmp_path / 'snapshot')
    for place in ('sequence.histories', 'towers.content'):
        monkeypatch.setattr(
            f'hamlet_sidecar.{place}.open_snapshot', lambda job, digest: tmp_path / 'snapshot'
        )
    spec = {**SMALL, 'snapshot': 'd' * 64, 'epochs': 12, 'patience': 12, 'idDropout': 0.5}
    del spec['interactions']
    result = train.run(spec, PlainJob(tmp_path))
    assert result['validation']['Recall@20'] > 0.95
    artifact = tmp_path / result['artifact']
    session = onnxruntime.InferenceSession(artifact / 'item.onnx')
    tables = load_file(artifact / 'items.safetensors')
    ids = json.loads((artifact / 'items.json').read_text())
    user = onnxruntime.InferenceSession(artifact / 'user.onnx')
    for group in range(GROUPS):
        # Another look than any item of the log has.
        history, weights, items = session.run(None, {'content': look_of(SIZE * group, seed=1)[None]})
        asked = {'vectors': history[None], 'weights': weights[None], 'ages': np.zeros((1, 1), np.float32)}
        [person] = user.run(None, asked)
        best = np.argsort(-(person @ tables['vectors'].T)[0])[:EACH]
        assert {(int(ids[c][1:]) - 1) // SIZE for c in best} == {group}, 'as the whole of a history'
        assert items.shape == (1, SMALL['d'])


def test_a_loss_that_is_no_number_stops_it_and_the_good_checkpoint_stays(tmp_path: Path, monkeypatch):
    real, steps = training.batch_loss, iter(range(1000))
    monkeypatch.setattr(
        training, 'batch_loss', lambda *given: real(*given) * (float('nan') if next(steps) == 12 else 1)
    )
    with pytest.raises(SidecarError, match='became nan in step 12 of epoch 2') as stopped:
        train.run(SMALL, job_in(tmp_path))
    assert stopped.value.code == 'loss-not-finite'
    state = load_checkpoint(tmp_path / 'checkpoint/two-tower.pt', complete(SMALL))
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
    assert not list(tmp_path.glob('two-tower-*'))
    job = job_in(tmp_path)
    assert (tmp_path / train.run(SMALL, job)['artifact']).is_dir()
    assert not job.figures, 'no step was done again'


@pytest.mark.parametrize(
    'options',
    [
        {'negatives': 60, 'average': 0.9, 'precision': 'f32', 'weightOfMany': 1.0},
        {
            'initial': 'random',
            'similarity': 'dot',
            'temperature': 1.0,
            'layer': 8,
            'epochs': 30,
            'patience': 30,
        },
        {'epochs': 0, 'filter': 0.5, 'd': 40},
        {'validation': 0.0, 'epochs': 2},
    ],
)
def test_every_way_to_train_finds_the_groups(options: dict, tmp_path: Path, unexported):
    train.run({**SMALL, **options}, job_in(tmp_path))
    history, weights, items = (table.detach() for table in unexported[0].item.tables())
    seen = [np.array([26, 27, 28])]
    scores = unexported[0].users(batch_of(seen, seen, 10).bags, history, weights) @ items.T
    scores[0, seen[0]] = -torch.inf
    assert {item // SIZE for item in scores[0].topk(12).indices.tolist()} == {1}


def saved(folder: Path, rows: list[list[int]], items: int) -> None:
    lengths = np.cumsum([0, *map(len, rows)])
    columns = np.array([column for row in rows for column in row], int)
    sparse.save_npz(
        folder / 'groups.npz',
        sparse.csr_matrix((np.ones(len(columns)), columns, lengths), (len(rows), items)),
    )


@pytest.mark.parametrize('rows', [[], [[0], [1], [2]], [[5] * 10_000], [[], []], [[0, 1]]])
def test_what_teaches_nothing_is_refused(rows: list[list[int]], tmp_path: Path):
    """Nobody, one event each, one item ten thousand times, empty histories, two items of which one is kept."""
    saved(tmp_path, rows, 9)
    with pytest.raises(SidecarError) as refused:
        train.run(SMALL, PlainJob(tmp_path))
    assert refused.value.code == 'dataset-empty'


def test_an_empty_log_is_refused(tmp_path: Path, monkeypatch):
    write_snapshot(tmp_path / 'snapshot', users=0, vectors=False)
    monkeypatch.setattr(
        'hamlet_sidecar.sequence.histories.open_snapshot', lambda job, digest: tmp_path / 'snapshot'
    )
    monkeypatch.setattr(
        'hamlet_sidecar.towers.content.open_snapshot', lambda job, digest: tmp_path / 'snapshot'
    )
    spec = {'snapshot': 'd' * 64, 'd': 16}
    with pytest.raises(SidecarError) as refused:
        train.run(spec, PlainJob(tmp_path))
    assert refused.value.code == 'dataset-empty'


def test_one_person_is_a_dataset_and_so_are_items_that_nobody_has(tmp_path: Path, unexported):
    saved(tmp_path, [list(range(12)), [3]], 500)
    train.run({**SMALL, 'epochs': 2}, PlainJob(tmp_path))
    vectors = unexported[0].item.tables()[2]
    assert vectors.shape == (500, 16)
    assert torch.isfinite(vectors).all()


def test_what_is_no_matrix_or_contradicts_itself_is_refused(tmp_path: Path):
    (tmp_path / 'groups.npz').write_bytes(b'no matrix')
    for wrong, code in (
        ({}, 'interactions-unreadable'),
        ({'interactions': 'none.npz'}, 'interactions-unreadable'),
        ({'snapshot': 'latest'}, 'spec-invalid'),
        ({'interactions': '../out.npz'}, 'path-outside'),
    ):
        with pytest.raises(SidecarError) as refused:
            train.run(SMALL | wrong, PlainJob(tmp_path))
        assert refused.value.code == code
