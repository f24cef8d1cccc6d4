"""A space of whole ΔW: what its Gram matrix says is what the full matrices say."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from plain_job import PlainJob
from planted_space import COUNT, LAYERS, NAMES, planted_lora, planted_rows, planted_whole, write_space
from test_w2w_space import BASE, build, planted, put, zoo  # noqa: F401

from hamlet_sidecar.errors import JobCancelled, SidecarError
from hamlet_sidecar.w2w import gram
from hamlet_sidecar.w2w.build_job import run
from hamlet_sidecar.w2w.gram import fit_whole, gram_of
from hamlet_sidecar.w2w.read import read_lora
from hamlet_sidecar.w2w.spaces import load_space


def full(k: int = 2) -> torch.Tensor:
    """(n, all weights): the ΔW themselves, each layer by its mean distance from the mean."""
    parts = []
    for layer in LAYERS:
        rows = torch.stack([planted_lora(i).deltas[layer].weight().flatten().double() for i in range(COUNT)])
        apart = rows - rows.mean(0)
        parts.append(apart / apart.square().sum(1).mean().sqrt())
    return torch.cat(parts, 1)


@pytest.mark.parametrize('cells', [1, 4000, 1 << 24], ids=['a row a strip', 'a few rows', 'all at once'])
def test_inner_products_of_factors_are_those_of_the_matrices(monkeypatch, cells: int):
    monkeypatch.setattr(gram, 'CELLS', cells)
    random = torch.Generator().manual_seed(1)
    u, v = (torch.randn(9, 3, side, generator=random) for side in (7, 5))
    matrices = torch.einsum('nko,nki->noi', u, v).flatten(1).double()
    assert torch.allclose(gram_of(u, v), matrices @ matrices.T, atol=1e-4)


def test_the_components_are_those_of_a_pca_of_the_full_matrices():
    space = planted_whole()
    _, sigma, _ = torch.linalg.svd(full(), full_matrices=False)
    variances = (sigma.square() / (COUNT - 1))[: space.dimensions].float()
    assert torch.allclose(space.fitted.variances, variances, rtol=1e-3, atol=1e-5)
    apart = torch.cdist(space.coordinates.double(), space.coordinates.double())
    assert torch.allclose(apart, torch.cdist(full(), full()), atol=1e-2)
    assert space.fitted.total_variance == pytest.approx(float(sigma.square().sum()) / (COUNT - 1), rel=1e-3)


def test_signs_of_an_svd_change_nothing():
    rows, layout = planted_rows(2)
    turned = rows.copy()
    for layer, _ in layout.layers:
        turned[::3, layout.span(layer)] *= -1
    one, other = (fit_whole(each, layout, 5) for each in (rows, turned))
    assert torch.allclose(one.variances, other.variances, rtol=1e-5)
    assert torch.allclose(one.coordinates.abs(), other.coordinates.abs(), atol=1e-3)


def test_what_is_held_out_is_lost_as_a_pca_of_the_others_loses_it():
    rows, layout = planted_rows(2)
    lost = fit_whole(rows, layout, 10, seed=3).heldout
    held = torch.randperm(COUNT, generator=torch.Generator().manual_seed(3))[: COUNT // 10]
    kept = torch.ones(COUNT, dtype=torch.bool)
    kept[held] = False
    mean = full()[kept].mean(0)
    _, _, components = torch.linalg.svd(full()[kept] - mean, full_matrices=False)
    rest = full()[held] - mean
    within = (rest @ components[:10].T).square().sum()
    assert lost['10'] == pytest.approx(float(1 - within / rest.square().sum()), abs=5e-3)


def test_a_lora_of_the_space_is_where_it_was_and_another_lands_among_its_kind():
    space = planted_whole()
    assert torch.allclose(space.place(planted_lora(7)), space.coordinates[7], atol=1e-2)
    stranger = space.place(planted_lora(1001))
    assert (space.coordinates - stranger).norm(dim=1).argmin() % 2 == 1


def test_no_step_is_the_mean_of_all_and_a_step_to_a_lora_is_that_lora():
    space = planted_whole()
    mean = space.edited(None, torch.zeros(space.dimensions))
    there = space.edited(None, space.coordinates[5])
    for layer in LAYERS:
        weights = torch.stack([planted_lora(i).deltas[layer].weight() for i in range(COUNT)])
        assert torch.allclose(mean.deltas[layer].weight(), weights.mean(0), atol=2e-2)
        wrong = there.deltas[layer].weight() - weights[5]
        assert wrong.norm() < 0.01 * weights[5].norm()


def test_an_edit_has_the_rank_that_is_asked_for_and_a_real_lora_keeps_its_own_beside_it():
    space = planted_whole()
    moved = 0.5 * space.coordinates[3]
    mean = space.edited(None, moved, rank=2)
    assert all(delta.rank == 2 for delta in mean.deltas.values())
    base = planted_lora(1001, rank=4)
    edited = space.edited(base, moved, rank=3)
    other = {'mid_block.attn.to_q': base.deltas[next(iter(LAYERS))]}
    beyond = space.edited(type(base)({**base.deltas, **other}), moved, rank=3)
    assert beyond.deltas['mid_block.attn.to_q'] is other['mid_block.attn.to_q']
    for layer, delta in edited.deltas.items():
        assert delta.rank == 4 + 3
        assert torch.equal(delta.up[:, :4], base.deltas[layer].up)
    still = space.edited(base, torch.zeros(space.dimensions))
    assert all(still.deltas[layer] is base.deltas[layer] for layer in LAYERS)


def test_it_reads_back_as_it_was_written(tmp_path: Path):
    space = planted_whole()
    again = load_space(tmp_path / write_space(tmp_path, space))
    assert again.members == NAMES
    assert torch.equal(again.coordinates, space.coordinates)
    moved = space.coordinates[2]
    for layer, delta in space.edited(None, moved).deltas.items():
        assert torch.equal(again.edited(None, moved).deltas[layer].weight(), delta.weight())


def test_the_job_makes_it_of_files_unless_another_is_asked_for(zoo: Path):  # noqa: F811
    result = run({'members': 'members.json', 'base': 'base', 'dimensions': 6}, PlainJob(zoo))
    space = load_space(zoo / result['artifact'])
    assert space.about['method'] == 'whole' and space.layout.k == 8
    assert result['energyKept'] == pytest.approx(1, abs=1e-4)
    assert result['heldoutError']['1'] < 0.5
    kinds = torch.tensor([i % 2 for i in range(30)])
    first = space.coordinates[:, 0]
    assert min(first[kinds == 0].max(), first[kinds == 1].max()) < max(
        first[kinds == 0].min(), first[kinds == 1].min()
    )
    assert torch.allclose(
        space.place(read_lora(zoo / 'loras/lora-3.safetensors', BASE)), space.coordinates[3], atol=1e-2
    )


def test_a_layer_that_some_lack_is_nothing_for_them(zoo: Path):  # noqa: F811
    layer = 'mid_block.resnets.0.conv1'
    put(
        zoo,
        {f'lora-{i}': {k: v for k, v in planted(i).items() if i % 2 or layer not in k} for i in range(10)},
    )
    space, result = build(zoo, method='whole', presence=0.5)
    assert result['layers'] == 4
    without = read_lora(zoo / 'loras/lora-0.safetensors', BASE)
    assert torch.allclose(space.place(without), space.coordinates[0], atol=1e-2)


def test_a_layer_in_which_all_agree_weighs_nothing():
    rows, layout = planted_rows(2)
    layer = next(iter(LAYERS))
    rows[:, layout.span(layer)] = rows[0, layout.span(layer)]
    fitted = fit_whole(rows, layout, 5)
    assert torch.isinf(fitted.scale).tolist() == [True, False]
    assert torch.isfinite(fitted.coordinates).all()


def test_more_loras_than_a_gram_matrix_is_for_are_refused(monkeypatch):
    monkeypatch.setattr(gram, 'LARGEST_GRAM', 10)
    rows, layout = planted_rows(1)
    with pytest.raises(SidecarError) as caught:
        fit_whole(rows, layout, 5)
    assert caught.value.code == 'w2w-too-many'


def test_a_cancel_within_the_gram_matrix_leaves_no_space(zoo: Path):  # noqa: F811
    with pytest.raises(JobCancelled):
        run({'members': 'members.json', 'base': 'base'}, PlainJob(zoo, stop_at=0.7))
    assert not list(zoo.glob('w2w-space-*'))
    assert len(json.loads((zoo / 'checkpoint/theta.json').read_text())['members']) == 30
    assert np.memmap(zoo / 'checkpoint/theta.f32', np.float32, 'r').size > 0
