from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import torch
import torch.nn.functional as F

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.sequence.histories import positive, read_histories, read_sequences
from hamlet_sidecar.sequence.loss import Sampler, full_loss, sampled_loss
from hamlet_sidecar.sequence.model import Sasrec
from hamlet_sidecar.sequence.smoothing import Smoothing, neighbour_means
from hamlet_sidecar.sequence.spec import DEFAULTS
from hamlet_sidecar.sequence.validation import figures_of, ranks_of


def test_a_constant_scores_nothing_and_so_does_what_is_no_number():
    histories = [np.array([0, 1, 2]), np.array([3])]
    targets = np.array([5, 6])
    for value in (1.0, float('nan')):
        ranks = ranks_of(lambda items, v=value: torch.full((len(items), 50), v), histories, targets, 10)
        assert ranks.tolist() == [47, 49], 'all that was not seen stands before the target'
        assert figures_of(ranks) == {'HR@10': 0.0, 'NDCG@10': 0.0}


@pytest.mark.parametrize(
    'options',
    [
        {},
        {'distanceBias': True, 'gated': True},
        {'position': 'learned', 'similarity': 'cosine', 'temperature': 0.05, 'blocks': 1},
    ],
)
def test_asked_for_the_newest_place_alone_it_answers_what_training_sees_there(options: dict):
    torch.manual_seed(1)
    model = Sasrec(30, {**DEFAULTS, 'd': 16, 'length': 12, 'dropout': 0.0, **options})
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if name.endswith('bias'):
                weights.normal_(std=20)
    items = torch.tensor([[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], [7, 9, 3, 2] + [0] * 8, [2] + [0] * 11])
    whole = model.train()(items)
    at_newest = whole[torch.arange(3), torch.tensor([11, 3, 0])]
    assert torch.allclose(model.eval().users(items), at_newest, atol=1e-5)
    assert torch.allclose(model(items), whole, atol=1e-5)


def test_what_was_seen_takes_no_place():
    scores = torch.tensor([[9.0, 8.0, 7.0, 1.0]])
    ranks = ranks_of(lambda items: scores, [np.array([0, 1])], np.array([2]), 10)
    assert ranks.tolist() == [1]
    assert figures_of(np.array([3])) == {'HR@10': 1.0, 'NDCG@10': 0.5}


def test_the_full_loss_and_its_gradients_are_those_of_pytorch():
    torch.manual_seed(1)
    states, vectors = torch.randn(3000, 8), torch.randn(40, 8)
    targets = torch.randint(40, (3000,))
    for smoothing in (0.0, 0.1):
        ours = [states.clone().requires_grad_(), vectors.clone().requires_grad_()]
        theirs = [states.clone().requires_grad_(), vectors.clone().requires_grad_()]
        loss = full_loss(*ours, targets, smoothing, torch.float32)
        wanted = F.cross_entropy(theirs[0] @ theirs[1].T, targets, label_smoothing=smoothing)
        (loss * 2).backward()
        (wanted * 2).backward()
        assert torch.allclose(loss, wanted, atol=1e-5)
        for mine, other in zip(ours, theirs, strict=True):
            assert torch.allclose(mine.grad, other.grad, atol=1e-6)


def test_with_logq_a_sample_estimates_the_softmax_over_all():
    torch.manual_seed(1)
    counts = torch.arange(1, 201) ** 2
    vectors, states = torch.randn(200, 8) * 0.5, torch.randn(64, 8)
    # What is popular scores high, as it does in a model that has learned anything.
    vectors[:, 0], states[:, 0] = counts.log() / 4, 1.0
    targets = torch.randint(200, (64,))
    whole = F.cross_entropy(states @ vectors.T, targets)
    sampler = Sampler(counts)
    drawn, expected = sampler.draw(20_000)
    assert abs(sampled_loss(states, vectors, targets, drawn, expected, torch.float32) - whole) < 0.02
    alike = torch.full_like(expected, np.log(100))
    uncorrected = sampled_loss(states, vectors, targets, drawn, alike, torch.float32)
    assert abs(uncorrected - whole) > 0.05, 'which it does not without'


def test_the_sampled_loss_and_its_gradients_are_those_of_pytorch():
    torch.manual_seed(1)
    states, vectors = torch.randn(1500, 8), torch.randn(40, 8)
    targets = torch.randint(40, (1500,))
    drawn, expected = Sampler(torch.arange(40)).draw(30)
    ours = [states.clone().requires_grad_(), vectors.clone().requires_grad_()]
    theirs = [states.clone().requires_grad_(), vectors.clone().requires_grad_()]
    loss = sampled_loss(*ours, targets, drawn, expected, torch.float32)
    others = theirs[0] @ theirs[1][drawn].T - expected
    others = others.masked_fill(drawn == targets[:, None], float('-inf'))
    own = (theirs[0] * theirs[1][targets]).sum(1, keepdim=True)
    wanted = F.cross_entropy(torch.cat([own, others], 1), torch.zeros(1500, dtype=torch.int64))
    loss.backward()
    wanted.backward()
    assert torch.allclose(loss, wanted, atol=1e-5)
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.allclose(mine.grad, other.grad, atol=1e-6)


def test_a_file_of_pairs_and_one_of_rows_are_the_same_histories(tmp_path: Path):
    (tmp_path / 'pairs.txt').write_text('a x\na y\nb y\nbroken\na x\nb z\n')
    (tmp_path / 'rows.txt').write_text('a x y x\nb y z\nlonely\n\n')
    for name in ('pairs.txt', 'rows.txt'):
        found = read_sequences(tmp_path / name)
        assert found.items == ['x', 'y', 'z']
        assert [row.tolist() for row in found.rows()] == [[1, 0], [1, 2]], 'an item is where it was last'


def test_a_history_of_the_log_is_what_the_reducer_of_events_remembers():
    deeds = [
        *[(1, 'view', 10), (2, 'like', 20), (3, 'view', 30), (1, 'like', 40)],
        *[(2, 'dislike', 50), (2, 'view', 60), (4, 'hide', 70), (4, 'like', 80), (5, 'like', 5)],
    ]
    assert positive(deeds, 0.0) == [5, 3, 1], (
        'by time; disliked and hidden are out, a view brings nothing back'
    )
    assert positive(deeds, 0.7) == [5, 1]
    assert positive([*deeds, (2, 'like', 90)], 0.7) == [5, 1, 2], 'a later like does'


def test_a_snapshot_gives_the_histories_of_one_kind(tmp_path: Path, monkeypatch):
    parquet.write_table(
        pa.table({'item': [7, 8, 9], 'kind': ['image', 'model', 'image'], 'id': ['seven', 'eight', 'nine']}),
        tmp_path / 'items.parquet',
    )
    deeds = [(1, 9, 'like'), (1, 8, 'like'), (1, 7, 'view'), (2, 7, 'like'), (2, 404, 'like')]
    at = pa.array(range(len(deeds)), pa.timestamp('ms'))
    users, items, kinds = zip(*deeds, strict=True)
    parquet.write_table(
        pa.table({'user': users, 'item': items, 'type': kinds, 'at': at}), tmp_path / 'events.parquet'
    )
    monkeypatch.setattr('hamlet_sidecar.sequence.histories.open_snapshot', lambda job, digest: tmp_path)
    found = read_histories({'snapshot': 'd' * 64, 'items': 'image', 'minStrength': 0.0}, None)
    assert (found.items, found.digest) == (['nine', 'seven'], 'd' * 64)
    assert [row.tolist() for row in found.rows()] == [[0, 1], [1]]
    asked = {'snapshot': 'd' * 64, 'items': 'image', 'minStrength': 0.0, 'until': 3}
    earlier = read_histories(asked, None)
    assert [row.tolist() for row in earlier.rows()] == [[0, 1]], 'what came later is not learned from'
    with pytest.raises(SidecarError) as refused:
        read_histories(asked | {'until': 0}, None)
    assert refused.value.code == 'dataset-empty', 'a log in which nothing had happened yet'


def test_an_item_met_ten_thousand_times_is_in_a_history_once(tmp_path: Path):
    (tmp_path / 'many.txt').write_text('a y ' + 'x ' * 10_000 + 'z\nb z y\n')
    found = read_sequences(tmp_path / 'many.txt')
    assert [row.tolist() for row in found.rows()] == [[0, 1, 2], [2, 0]]


def test_smoothed_a_vector_is_part_its_own_and_part_the_mean_of_who_stands_beside_it():
    rows = [np.array([0, 1]), np.array([0, 5, 1]), np.array([2, 3]), np.array([2, 0]), np.array([4])]
    smooth = Smoothing(neighbour_means(rows, 6, 0.25))
    table = torch.eye(7, requires_grad=True)
    smoothed = smooth(table)
    # 0 and 1 are one step apart and once two: 1 + ½; 0 and 5, 5 and 1, and 0 and 2 one step.
    expected = torch.eye(7)
    expected[1] = torch.tensor([0, 0.75, 0.25 * 1.5 / 3.5, 0.25 / 3.5, 0, 0, 0.25 / 3.5])
    expected[2] = torch.tensor([0, 0.25 * 1.5 / 2.5, 0.75, 0, 0, 0, 0.25 / 2.5])
    expected[6] = torch.tensor([0, 0.125, 0.125, 0, 0, 0, 0.75])
    expected[3] = torch.tensor([0, 0.125, 0, 0.75, 0.125, 0, 0])
    expected[4] = torch.tensor([0, 0, 0, 0.25, 0.75, 0, 0])
    assert torch.allclose(smoothed, expected)
    weights = torch.randn(7, 7)
    (smoothed * weights).sum().backward()
    assert torch.allclose(table.grad, expected.T @ weights), 'the gradient goes the way back'


def test_what_is_smoothed_is_settled_in_the_table_before_it_is_used_without():
    torch.manual_seed(1)
    model = Sasrec(6, {**DEFAULTS, 'd': 8, 'heads': 1, 'length': 4}).eval()
    model.smoothing = Smoothing(neighbour_means([np.array([0, 1, 2, 3])], 6, 0.5))
    items = torch.tensor([[1, 2, 3, 0], [6, 0, 0, 0]])
    users, vectors = model.users(items), model.vectors()
    assert not torch.allclose(vectors, model.items.weight[1:], atol=0.1)
    model.settled()
    assert model.smoothing is None
    assert torch.allclose(model.users(items), users, atol=1e-6) and torch.equal(model.vectors(), vectors)
