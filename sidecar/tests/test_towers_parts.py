import numpy as np
import torch
import torch.nn.functional as F

from hamlet_sidecar.towers.examples import after_a_moment, batch_of, epoch_of
from hamlet_sidecar.towers.loss import Sampler, SoftmaxOfMany
from hamlet_sidecar.towers.model import TwoTowers
from hamlet_sidecar.towers.spec import DEFAULTS
from hamlet_sidecar.towers.spectral import spectral
from hamlet_sidecar.towers.validation import figures_of


def test_a_constant_scores_nothing_and_so_does_what_is_no_number():
    for value in (1.0, float('nan')):
        scores = torch.full((100,), value)
        assert figures_of(scores, np.array([0, 1]), np.array([5, 6])) == (0.0, 0.0)


def test_recall_is_of_all_targets_and_the_ideal_has_them_first():
    scores = torch.arange(100.0)
    # 99 and 98 were seen: 97 is first, 96 second; 3 is far behind.
    recall, gain = figures_of(scores, np.array([99, 98]), np.array([96, 3]))
    assert recall == 0.5
    assert abs(gain - (1 / np.log2(3)) / (1 + 1 / np.log2(3))) < 1e-6
    recall, gain = figures_of(scores, np.array([99]), np.arange(50, 90))
    assert abs(recall - 11 / 40) < 1e-6, 'hits by targets, also where there are more of them than places'
    assert 0 < gain < 1


def test_the_loss_and_its_gradients_are_those_of_pytorch():
    torch.manual_seed(1)
    given = [torch.randn(6, 8), torch.randn(40, 8)]
    seen = (torch.tensor([0, 0, 3, 5]), torch.tensor([1, 2, 7, 9]))
    wanted = (torch.tensor([0, 0, 1, 2, 3, 4, 5]), torch.tensor([3, 4, 5, 6, 8, 1, 2]))
    weights = torch.rand(7)
    for expected in (None, torch.randn(40)):
        ours = [one.clone().requires_grad_() for one in given]
        theirs = [one.clone().requires_grad_() for one in given]
        loss = SoftmaxOfMany.apply(*ours, expected, seen, wanted, weights, torch.float32)
        plain = theirs[0] @ theirs[1].T
        logits = plain if expected is None else plain - expected
        logits = logits.index_put(wanted, plain[wanted])
        mask = torch.zeros(6, 40, dtype=torch.bool)
        mask[seen] = True
        logits = logits.masked_fill(mask, float('-inf'))
        right = (weights * F.cross_entropy(logits[wanted[0]], wanted[1], reduction='none')).sum()
        (loss * 2).backward()
        (right * 2).backward()
        assert torch.allclose(loss, right, atol=1e-5)
        for mine, other in zip(ours, theirs, strict=True):
            assert torch.allclose(mine.grad, other.grad, atol=1e-5)


def test_a_corrected_sample_estimates_the_sum_over_all():
    torch.manual_seed(1)
    counts = torch.arange(1, 201) ** 2
    sampler = Sampler(counts, 400)
    values = torch.rand(200)
    estimates = []
    for _ in range(300):
        columns, expected = sampler.columns(torch.multinomial(counts.double(), 50))
        estimates.append(float((values[columns] / expected.exp()).sum()))
    assert abs(np.mean(estimates) / float(values.sum()) - 1) < 0.02


def test_an_epoch_is_the_same_for_the_same_seed_and_hides_what_it_asks():
    rows = [np.arange(n) for n in (1, 2, 5, 30)]
    spec = DEFAULTS | {'batch': 2}
    first, again = epoch_of(rows, False, spec, 3), epoch_of(rows, False, spec, 3)
    assert all(torch.equal(a.columns, b.columns) for a, b in zip(first, again, strict=True))
    assert sum(len(batch.offsets) for batch in first) == 3, 'one item has nothing to hide'
    for batch in first:
        for row in range(len(batch.offsets)):
            seen = set(batch.columns[batch.rows == row].tolist())
            asked = set(batch.targets[batch.target_rows == row].tolist())
            assert seen and asked and not seen & asked
    random = np.random.default_rng(1)
    before, after = after_a_moment(np.arange(30), spec, random)
    assert before[-1] + 1 == after[0] and len(after) <= spec['targets'], 'in time, what follows is asked for'


def test_the_exported_pooling_is_what_was_trained_with():
    torch.manual_seed(1)
    model = TwoTowers(torch.zeros(50, 0), True, DEFAULTS | {'d': 8, 'layer': 4}).eval()
    history, weights, _ = model.item.tables()
    weights = weights + torch.randn(50)
    rows = [np.array([3, 4, 9]), np.array([7])]
    bags = model.users(batch_of(rows, rows, 10).bags, history, weights)
    padded = torch.tensor([[3, 4, 9], [7, 0, 0]])
    ages = torch.tensor([[2.0, 1.0, 0.0], [0.0, -1.0, -1.0]])
    assert torch.allclose(model.user(history[padded], weights[padded], ages), bags, atol=1e-6)


def test_the_spectral_start_is_the_low_pass_filter():
    random = np.random.default_rng(1)
    rows = [np.sort(random.permutation(12)[: 3 + u % 4]) for u in range(30)]
    history, weights, items = spectral(
        rows, 12, {'d': 11, 'seed': 1, 'filter': 0, 'historyDegree': 0.5, 'itemDegree': 0.5}
    )
    dense = np.zeros((30, 12))
    for u, row in enumerate(rows):
        dense[u, row] = 1
    degrees = dense.sum(0)
    normed = dense / np.sqrt(dense.sum(1))[:, None] / np.sqrt(degrees)
    right = np.linalg.svd(normed, full_matrices=False)[2][:11]
    filtered = (dense / np.sqrt(degrees)) @ right.T @ right * np.sqrt(degrees)
    ours = (dense * np.exp(weights)) @ history @ items.T
    assert np.corrcoef(filtered.ravel(), ours.ravel())[0, 1] > 0.999
