"""People who like one look under one tag: neither alone tells what they want."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import torch
from plain_job import PlainJob
from planted_groups import write_likes

from hamlet_sidecar.artifacts import read_manifest, verify_files
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.towers import train
from hamlet_sidecar.towers.content_towers import ContentItems
from hamlet_sidecar.towers.data import read_interactions, split
from hamlet_sidecar.towers.fit_content import discriminants, fit_content, spread
from hamlet_sidecar.towers.spec import complete

LOOKS, TAGS, EACH = 6, 5, 8
SPEC = {'of': 'content', 'snapshot': 'given', 'landmarks': 120, 'judged': 100}


def catalogue() -> tuple[np.ndarray, np.ndarray]:
    """EACH items of every look under every tag: content (items, LOOKS + TAGS) and the cell of each."""
    cells = np.repeat(np.arange(LOOKS * TAGS), EACH)
    random = np.random.default_rng(1)
    looks = np.eye(LOOKS)[cells // TAGS] + random.normal(scale=0.1, size=(len(cells), LOOKS))
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    return np.concatenate([looks, np.eye(TAGS)[cells % TAGS]], 1).astype(np.float32), cells


def histories(cells: np.ndarray, people: int = 150) -> list[np.ndarray]:
    """Five of the eight items of a cell, and two of anything; the other three of the cell are what is wanted."""
    random = np.random.default_rng(2)
    rows = []
    for person in range(people):
        own = np.flatnonzero(cells == person % (LOOKS * TAGS))
        chosen = np.concatenate([random.permutation(own)[:5], random.integers(0, len(cells), 2)])
        rows.append(random.permutation(np.unique(chosen)))
    return rows


def scores(model, row: list[int]) -> np.ndarray:
    history, weights, items = model.tables()
    columns = torch.tensor(row)
    ages = torch.arange(len(row) - 1, -1, -1).float()
    return (model.users((columns, torch.tensor([0]), ages), history, weights) @ items.T)[0].numpy()


def test_what_occurs_together_is_learned_from_other_people_and_holds_for_new_items():
    content, cells = catalogue()
    # Nobody has met the last two items of any cell.
    new = np.tile(np.arange(EACH) >= EACH - 2, LOOKS * TAGS)
    rows = [row[~new[row]] for row in histories(cells)]
    model = fit_content([row for row in rows if len(row) > 1], content, LOOKS, complete(SPEC))
    hits = []
    for cell in range(LOOKS * TAGS):
        own = np.flatnonzero((cells == cell) & ~new)
        told = scores(model, own[:3].tolist())
        told[own[:3]] = -np.inf
        hits.append(cells[np.argsort(-told)[:5]] == cell)
        assert new[np.argsort(-told)[:5]].sum() == 2, 'what nobody has met stands beside what it looks like'
    assert np.mean(hits) > 0.95


def test_the_part_between_people_is_the_planted_one():
    random = np.random.default_rng(3)
    taste = random.normal(size=(4000, 1))
    of_person = np.repeat(np.arange(4000), 4)
    told = np.sqrt(0.3) * taste[of_person] + np.sqrt(0.7) * random.normal(size=(16000, 1))
    features = np.concatenate([told, random.normal(size=(16000, 1))], 1)
    rows = np.split(np.arange(16000), 4000)
    project, offset, shares = discriminants(rows, features, 1e-6, 1)
    assert shares == pytest.approx([0.3], abs=0.03)
    assert abs(project[1, 0]) < 0.1 * abs(project[0, 0])
    assert np.var(features @ project[:, 0] - offset) == pytest.approx(1, abs=0.05)


def test_landmarks_are_those_that_the_others_explain_least():
    random = np.random.default_rng(4)
    cells = np.repeat(np.arange(4), [40, 30, 2, 1])
    looks = np.eye(4)[cells] + random.normal(scale=0.01, size=(len(cells), 4))
    item = ContentItems(4, 0, 1, 1, 0.5, 0.0)
    item.whiten = torch.eye(4)
    rows = spread(item, torch.from_numpy(looks.astype(np.float32)), 4)
    assert sorted(cells[rows]) == [0, 1, 2, 3]
    assert len(spread(item, torch.eye(4)[[0, 0, 1]], 3)) == 2, 'the same again explains nothing more'


def write_snapshot(folder: Path, kinds: tuple[str, ...] = ('image',)) -> None:
    """kinds: item n is of kind n modulo their number."""
    content, cells = catalogue()
    folder.mkdir()
    items = list(range(1, len(cells) + 1))
    tags = [json.dumps([f'tag {cell % TAGS}', f'only {n}']) for n, cell in enumerate(cells)]
    parquet.write_table(
        pa.table(
            {
                **{'item': items, 'kind': [kinds[n % len(kinds)] for n in items]},
                **{'id': [f'i{n}' for n in items], 'tags': tags},
            }
        ),
        folder / 'items.parquet',
    )
    vectors = [row[:LOOKS].astype('<f4').tobytes() for row in content]
    parquet.write_table(pa.table({'item': items, 'vector': vectors}), folder / 'vectors.parquet')
    write_likes(folder, histories(cells))


def test_its_artifact_knows_items_by_content_alone(tmp_path: Path, monkeypatch):
    write_snapshot(tmp_path / 'snapshot')
    for reader in ('towers.content', 'sequence.histories'):
        monkeypatch.setattr(f'hamlet_sidecar.{reader}.open_snapshot', lambda *_: tmp_path / 'snapshot')
    result = train.run(SPEC | {'until': 10**15}, PlainJob(tmp_path))
    assert result['validation']['Recall@20'] > 0.5
    artifact = tmp_path / result['artifact']
    manifest = read_manifest(artifact)
    verify_files(artifact, manifest)
    assert manifest['parameters']['content'] == LOOKS + TAGS
    assert manifest['parameters']['until'] == 10**15
    assert json.loads((artifact / 'items.json').read_text()) == []
    words = json.loads((artifact / 'tags.json').read_text())
    assert sorted(words) == [f'tag {n}' for n in range(TAGS)], 'a tag of one item tells nobody’s taste'
    content, cells = catalogue()
    order = [LOOKS + int(word.split()[1]) for word in words]
    content = np.concatenate([content[:, :LOOKS], content[:, order]], 1)
    history, weights, items = onnxruntime.InferenceSession(artifact / 'item.onnx').run(
        None, {'content': content}
    )
    asked = {'vectors': history[None, :3], 'weights': weights[None, :3], 'ages': np.float32([[2, 1, 0]])}
    (users,) = onnxruntime.InferenceSession(artifact / 'user.onnx').run(None, asked)
    best = np.argsort(-(users @ items.T)[0])
    assert (cells[best[:EACH]] == cells[0]).mean() > 0.9


def test_taste_is_read_of_every_kind_and_only_the_own_one_is_asked_about(tmp_path: Path, monkeypatch):
    write_snapshot(tmp_path / 'snapshot', ('image', 'model'))
    for reader in ('towers.content', 'sequence.histories'):
        monkeypatch.setattr(f'hamlet_sidecar.{reader}.open_snapshot', lambda *_: tmp_path / 'snapshot')
    read = {}
    for histories in ('own', 'all'):
        spec = complete(SPEC | {'items': 'model', 'histories': histories})
        read[histories] = read_interactions(spec, PlainJob(tmp_path))
    assert len(read['all'].others) > 0 and len(read['own'].others) == 0
    assert sum(map(len, read['all'].rows)) > 1.8 * sum(map(len, read['own'].rows))
    _, kept = split(read['all'], complete(SPEC | {'items': 'model'}))
    assert all(read['all'].asked[row].all() and len(row) < 2 for row in kept)
    assert np.mean([len(row) for row in kept]) > 0.9
    assert complete(SPEC)['histories'] == 'all'
    with pytest.raises(SidecarError, match='only content says'):
        complete({'snapshot': 'given', 'histories': 'all'})


def test_content_is_read_of_a_snapshot_alone(tmp_path: Path):
    with pytest.raises(SidecarError, match='only a snapshot'):
        train.run({'of': 'content', 'interactions': 'some.npz'}, PlainJob(tmp_path))
