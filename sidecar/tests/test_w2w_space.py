import json
from pathlib import Path

import pytest
import torch
from plain_job import PlainJob
from planted_loras import random
from safetensors.torch import save_file

from hamlet_sidecar.artifacts import read_manifest
from hamlet_sidecar.contract import check_spec
from hamlet_sidecar.errors import JobCancelled, SidecarError
from hamlet_sidecar.w2w.build_job import run
from hamlet_sidecar.w2w.compress import compress
from hamlet_sidecar.w2w.delta import Delta
from hamlet_sidecar.w2w.layout import Layout
from hamlet_sidecar.w2w.pca import fit
from hamlet_sidecar.w2w.read import read_lora
from hamlet_sidecar.w2w.signs import align
from hamlet_sidecar.w2w.spaces import load_space
from hamlet_sidecar.w2w.write import write_lora

BLOCK = 'down_blocks.0.attentions.0.transformer_blocks.0'
BASE = {
    f'{BLOCK}.attn1.to_q': (12, 10),
    f'{BLOCK}.attn1.to_v': (12, 10),
    f'{BLOCK}.ff.net.2': (12, 16),
    'mid_block.resnets.0.conv1': (8, 6, 3, 3),
}
RANK = 3


def planted(number: int, noise: float = 0.15) -> dict[str, torch.Tensor]:
    """A LoRA of one of two kinds: kind 0 and kind 1 move each layer along other vectors; signs by lot."""
    tensors = {}
    kind = number % 2
    for place, (layer, (out, *inside)) in enumerate(BASE.items()):
        wide = torch.Size(inside).numel()
        common_u, common_v = random(out, seed=place), random(wide, seed=10 + place)
        own_u, own_v = random(out, seed=20 + 2 * place + kind), random(wide, seed=40 + 2 * place + kind)
        sign = 1 if (number * 7 + place) % 3 else -1
        u = common_u + own_u + noise * random(out, seed=1000 + 10 * number + place)
        v = common_v + own_v + noise * random(wide, seed=5000 + 10 * number + place)
        up = torch.stack([sign * u, *(0.2 * random(RANK - 1, out, seed=9000 + number))], 1)
        down = torch.stack([sign * v, *(0.2 * random(RANK - 1, wide, seed=9500 + number))])
        kernel = inside[1:]
        tensors[f'unet.{layer}.lora_B.weight'] = up.reshape(out, RANK, *(1 for _ in kernel)).contiguous()
        tensors[f'unet.{layer}.lora_A.weight'] = down.reshape(RANK, *inside)
    return tensors


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    (tmp_path / 'base/unet').mkdir(parents=True)
    weights = {f'{name}.weight': random(*shape) for name, shape in BASE.items()}
    save_file(weights, tmp_path / 'base/unet/diffusion_pytorch_model.safetensors')
    put(tmp_path, {f'lora-{i}': planted(i) for i in range(30)})
    return tmp_path


def put(folder: Path, loras: dict[str, dict]) -> None:
    members = []
    for id, tensors in loras.items():
        (folder / 'loras').mkdir(exist_ok=True)
        save_file(tensors, folder / f'loras/{id}.safetensors')
        members.append({'id': id, 'file': f'loras/{id}.safetensors', 'lineage': id[:6]})
    (folder / 'members.json').write_text(json.dumps(members))


def build(folder: Path, **spec):
    whole = {'members': 'members.json', 'base': 'base', 'method': 'svd', 'dimensions': 6, **spec}
    check_spec('build-w2w-space', whole)
    result = run(whole, PlainJob(folder))
    return load_space(folder / result['artifact']), result


def refused(folder: Path, **spec) -> str:
    with pytest.raises(SidecarError) as caught:
        build(folder, **spec)
    return caught.value.code


def test_what_was_planted_is_the_first_component(zoo: Path):
    space, result = build(zoo)
    first = space.fitted.coordinates[:, 0]
    kinds = torch.tensor([i % 2 for i in range(30)])
    assert (
        first[kinds == 0].max() < first[kinds == 1].min() or first[kinds == 1].max() < first[kinds == 0].min()
    )
    assert result['varianceExplained']['1'] > 0.5
    assert result['heldoutError']['1'] < 0.5
    assert result['members'] == 30 and result['size'] == sum(
        shape[0] + torch.Size(shape[1:]).numel() for shape in BASE.values()
    )
    assert 0.7 < result['energyKept'] < 1
    assert read_manifest(zoo / result['artifact'])['dataset']['members'] == 30


def test_raw_signs_hide_it(zoo: Path):
    _, canonical = build(zoo)
    _, raw = build(zoo, signs='raw')
    assert raw['varianceExplained']['1'] < canonical['varianceExplained']['1'] - 0.1


def test_the_same_files_make_the_same_space_and_a_new_lora_needs_no_rebuild(zoo: Path):
    space, result = build(zoo)
    again, repeated = build(zoo)
    assert result['artifact'] == repeated['artifact']
    known = read_lora(zoo / 'loras/lora-3.safetensors', BASE)
    assert torch.allclose(space.project(space.theta(known)), space.fitted.coordinates[3], atol=1e-3)
    save_file(planted(101), zoo / 'new.safetensors')
    place = again.project(again.theta(read_lora(zoo / 'new.safetensors', BASE)))
    distances = (again.fitted.coordinates - place).norm(dim=1)
    assert distances.argmin() % 2 == 1, 'a new one of kind 1 lies among those of kind 1'


def test_all_dimensions_together_explain_all_of_the_variance(zoo: Path):
    explained = build(zoo, dimensions=29)[1]['varianceExplained']
    assert abs(explained['29'] - 1) < 1e-3, 'whatever the left vectors weigh'


def test_coordinates_and_theta_go_back_and_forth(zoo: Path):
    space, _ = build(zoo, dimensions=29)
    theta = space.theta(read_lora(zoo / 'loras/lora-5.safetensors', BASE))
    back = space.reconstruct(space.project(theta))
    assert (back - theta).norm() < 1e-3 * theta.norm(), 'all dimensions lose nothing of a member'
    step = torch.zeros(29)
    step[0] = 1
    assert torch.allclose(space.project(theta + space.moved(step)) - space.project(theta), step, atol=1e-4)
    identity = space.fitted.components @ space.fitted.components.T
    assert torch.allclose(identity, torch.eye(29), atol=1e-4)


def test_a_place_in_the_space_is_a_lora_that_is_written_and_read(zoo: Path):
    space, _ = build(zoo, k=2)
    theta = space.theta(read_lora(zoo / 'loras/lora-5.safetensors', BASE))
    path = write_lora(zoo / 'edited.safetensors', space.lora(theta))
    edited = read_lora(path, BASE)
    assert {layer: delta.rank for layer, delta in edited.deltas.items()} == dict.fromkeys(BASE, 2)
    assert torch.allclose(space.theta(edited), theta, atol=1e-4)


def test_components_are_those_of_the_full_matrix_and_more_of_them_keep_more():
    up, down = random(40, 5, seed=1), random(5, 30, seed=2)
    delta = Delta(up, down, (40, 30))
    u, sigma, vt = torch.linalg.svd(delta.weight())
    for k in (1, 2, 5, 7):
        components = compress(delta, k)
        kept = min(k, 5)
        expected = (u[:, :kept] * sigma[:kept]) @ vt[:kept]
        assert torch.allclose(components.u.T @ components.v, expected, atol=1e-3)
        assert torch.allclose(
            components.energy.sum(), (sigma[:kept] ** 2).sum() / (sigma**2).sum(), atol=1e-5
        )
        assert torch.allclose(components.u.norm(dim=1), components.v.norm(dim=1), atol=1e-4)


def test_a_layer_that_changes_nothing_has_no_components():
    nothing = compress(Delta(torch.zeros(4, 2), torch.ones(2, 3), (4, 3)), 2)
    assert nothing.u.abs().sum() == nothing.v.abs().sum() == nothing.energy.sum() == nothing.norm == 0


def test_signs_follow_u_and_where_u_says_nothing_v():
    u = torch.tensor([[2.0, 0], [-2, 0], [0, 1]])
    v = torch.tensor([[1.0, 1], [-1, -1], [-1, -1]])
    sign, _, _ = align(u, v)
    turned_u, turned_v = u * sign[:, None], v * sign[:, None]
    assert (turned_u[0] * turned_u[1]).sum() > 0
    assert (turned_v[2] * turned_v[0]).sum() > 0, 'its u is orthogonal to the others’'


@pytest.mark.parametrize('seed', range(3))
def test_subspace_iteration_finds_what_the_gram_matrix_has(seed: int):
    layout = Layout((('a', (30, 20)), ('b', (10, 15))))
    rows = (random(40, 4, seed=seed) * 5) @ random(4, layout.size, seed=seed + 1) + random(
        40, layout.size, seed=seed + 2
    )
    exact = fit(rows.numpy().copy(), layout, 4)
    other = fit(rows.numpy().copy(), layout, 4, largest_gram=10)
    cosines = (exact.components * other.components).sum(1).abs()
    assert torch.allclose(exact.variances, other.variances, rtol=1e-2)
    assert cosines.min() > 0.99
    assert abs(exact.heldout['4'] - other.heldout['4']) < 0.02


def test_a_number_in_which_all_agree_is_guarded(zoo: Path):
    loras = {f'lora-{i}': planted(i) for i in range(12)}
    layer = f'unet.{BLOCK}.attn1.to_q'
    for tensors in loras.values():
        tensors[f'{layer}.lora_B.weight'] = torch.ones(12, 1)
        tensors[f'{layer}.lora_A.weight'] = torch.ones(1, 10)
    put(zoo, loras)
    space, _ = build(zoo)
    assert torch.isfinite(space.fitted.coordinates).all()
    assert torch.isfinite(space.reconstruct(torch.ones(6))).all()


@pytest.mark.parametrize(
    ('method', 'layers'), [('whole', 4), ('svd', 4), ('attn_v', 1), ('attn_qv', 2), ('ff', 1)]
)
def test_methods_are_the_layers_of_the_papers_ablation(zoo: Path, method: str, layers: int):
    assert build(zoo, method=method)[1]['layers'] == layers


@pytest.mark.parametrize('method', ['svd', 'whole'])
def test_too_few_all_the_same_and_layers_that_nobody_shares(zoo: Path, method: str):
    put(zoo, {f'lora-{i}': planted(i) for i in range(2)})
    assert refused(zoo, method=method) == 'w2w-too-few'
    put(zoo, {f'lora-{i}': planted(1) for i in range(6)})
    assert refused(zoo, method=method) == 'w2w-no-variance'
    names = [f'unet.{layer}' for layer in BASE]
    put(
        zoo,
        {f'lora-{i}': {k: v for k, v in planted(i).items() if k.startswith(names[i % 4])} for i in range(8)},
    )
    assert refused(zoo, method=method) == 'w2w-no-layers'


def test_a_layer_that_half_of_them_lack_is_left_out_and_said(zoo: Path):
    layer = 'mid_block.resnets.0.conv1'
    put(
        zoo,
        {f'lora-{i}': {k: v for k, v in planted(i).items() if i % 2 or layer not in k} for i in range(10)},
    )
    space, result = build(zoo)
    assert result['layers'] == 3
    assert space.about['layersLeftOut'] == {layer: 0.5}
    assert build(zoo, presence=0.5)[1]['layers'] == 4, 'asked for, it is zeros where it is missing'


def test_files_of_other_bases_and_broken_ones_are_left_out_by_name(zoo: Path):
    loras = {f'lora-{i}': planted(i) for i in range(8)}
    other = {
        key: torch.cat([value, value]) if 'lora_B' in key else value for key, value in planted(0).items()
    }
    broken = planted(1)
    broken[f'unet.{BLOCK}.attn1.to_q.lora_A.weight'][0, 0] = float('nan')
    put(zoo, loras | {'other': other, 'broken': broken})
    (zoo / 'loras/lora-7.safetensors').write_bytes(b'short')
    space, result = build(zoo)
    assert result['leftOut'] == {'lora-base-mismatch': 1, 'lora-truncated': 1, 'lora-not-finite': 1}
    assert space.members == tuple(f'lora-{i}' for i in range(7))
    assert len(space.fitted.coordinates) == 7


def test_a_job_that_was_cancelled_goes_on_from_its_rows_and_ends_the_same(zoo: Path):
    expected, _ = build(zoo)
    spec = {'members': 'members.json', 'base': 'base', 'method': 'svd', 'dimensions': 6}
    put(zoo, {f'lora-{i}': planted(i) for i in range(30)})
    with pytest.raises(JobCancelled):
        run(spec, PlainJob(zoo, stop_at=0.7))
    for i in range(30):
        (zoo / f'loras/lora-{i}.safetensors').touch()
    assert len(json.loads((zoo / 'checkpoint/theta.json').read_text())['members']) == 30
    result = run(spec, PlainJob(zoo))
    again = load_space(zoo / result['artifact'])
    assert torch.allclose(again.fitted.variances, expected.fitted.variances, rtol=1e-4)
    assert not (zoo / 'checkpoint/theta.f32').exists()


def test_a_space_whose_files_are_gone_or_changed_is_not_loaded(zoo: Path):
    _, result = build(zoo)
    folder = zoo / result['artifact']
    (folder / 'space.safetensors').write_bytes(b'other')
    with pytest.raises(SidecarError) as changed:
        load_space(folder)
    assert changed.value.code == 'digest-mismatch'
    (folder / 'manifest.json').unlink()
    with pytest.raises(SidecarError) as gone:
        load_space(folder)
    assert gone.value.code == 'artifact-invalid'


@pytest.mark.parametrize(
    'members', ['[{"id": "a"}]', '{', '[1]', '[{"id":"a","file":"x"},{"id":"a","file":"x"}]']
)
def test_a_list_of_members_that_is_none(zoo: Path, members: str):
    (zoo / 'members.json').write_text(members)
    assert refused(zoo) == 'members-invalid'


def test_paths_stay_among_the_artifacts(zoo: Path):
    (zoo / 'members.json').write_text(json.dumps([{'id': 'a', 'file': '../outside.safetensors'}]))
    assert refused(zoo) == 'path-outside'
