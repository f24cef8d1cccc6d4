import json
from pathlib import Path

import pytest
import torch
from planted_loras import ALPHA, ATTENTION, CONVOLUTION, LAYERS, RANK, TO_OUT, factors, product, random
from safetensors.torch import save_file
from torch import Tensor, nn

from hamlet_sidecar.w2w.delta import Lora
from hamlet_sidecar.w2w.read import read_lora
from hamlet_sidecar.w2w.write import write_lora

KOHYA = {layer: f'lora_unet_{layer.replace(".", "_")}' for layer in LAYERS}


def close(delta, expected: Tensor) -> bool:
    found = delta.weight().flatten(1)
    return bool((found - expected.flatten(1)).norm() <= 1e-5 * expected.norm())


def kohya(layer: str, with_alpha: bool = True) -> dict[str, Tensor]:
    up, down = factors(layer)
    tensors = {f'{KOHYA[layer]}.lora_up.weight': up, f'{KOHYA[layer]}.lora_down.weight': down}
    return tensors | ({f'{KOHYA[layer]}.alpha': torch.tensor(ALPHA)} if with_alpha else {})


def saved(folder: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> Path:
    path = folder / 'lora.safetensors'
    save_file({name: value.contiguous() for name, value in tensors.items()}, path, metadata)
    return path


@pytest.mark.parametrize('layer', [ATTENTION, TO_OUT, CONVOLUTION])
def test_kohya_scales_by_alpha_over_rank_and_by_one_without_alpha(tmp_path: Path, layer: str):
    expected = product(*factors(layer))
    found = read_lora(saved(tmp_path, kohya(layer)), LAYERS)
    assert close(found.deltas[layer], expected * ALPHA / RANK)
    assert found.deltas[layer].shape == LAYERS[layer]
    assert close(read_lora(saved(tmp_path, kohya(layer, with_alpha=False)), LAYERS).deltas[layer], expected)


def test_names_are_found_without_the_base_too(tmp_path: Path):
    tensors = {key: value for layer in LAYERS for key, value in kohya(layer).items()}
    found = read_lora(saved(tmp_path, tensors))
    assert {layer: delta.shape for layer, delta in found.deltas.items()} == LAYERS
    assert found.format == 'locon'


@pytest.mark.parametrize(
    'spelling',
    [
        'unet.{block}.processor.{side}_lora.{way}.weight',
        '{block}.processor.{side}_lora.{way}.weight',
        'unet.{block}.{layer}.lora.{way}.weight',
        'unet.{block}.{layer}.lora_linear_layer.{way}.weight',
        'unet.{block}.{layer}.lora_{letter}.weight',
        'base_model.model.{block}.{layer}.lora_{letter}.weight',
        'base_model.model.unet.{block}.{layer}.lora_{letter}.default.weight',
        '{block}.{layer}.lora_{letter}.weight',
    ],
)
@pytest.mark.parametrize('layer', [ATTENTION, TO_OUT])
def test_every_spelling_of_diffusers_and_peft_is_the_same_layer(tmp_path: Path, spelling: str, layer: str):
    block, side = layer.removesuffix('.0').rsplit('.', 1)
    name = layer.removeprefix(f'{block}.')
    up, down = factors(layer)
    keys = [
        spelling.format(block=block, side=side, layer=name, way=way, letter=letter)
        for way, letter in (('up', 'B'), ('down', 'A'))
    ]
    found = read_lora(saved(tmp_path, dict(zip(keys, (up, down), strict=True))), LAYERS)
    assert close(found.deltas[layer], product(up, down))


@pytest.mark.parametrize(('stabilised', 'scale'), [(False, ALPHA / RANK), (True, ALPHA / RANK**0.5)])
def test_the_config_of_peft_diffusers_and_lycoris_says_alpha_and_whether_the_rank_is_stabilised(
    tmp_path: Path, stabilised: bool, scale: float
):
    up, down = factors(ATTENTION)
    expected = product(up, down, scale)
    pair = {'lora_B.weight': up, 'lora_A.weight': down}
    peft = tmp_path / 'adapter_model.safetensors'
    save_file({f'base_model.model.{ATTENTION}.{name}': value for name, value in pair.items()}, peft)
    config = {'r': 99, 'lora_alpha': 7, 'alpha_pattern': {ATTENTION: ALPHA}, 'use_rslora': stabilised}
    (tmp_path / 'adapter_config.json').write_text(json.dumps(config))
    assert close(read_lora(tmp_path, LAYERS).deltas[ATTENTION], expected)

    told = {f'unet.{name}': value for name, value in config.items()}
    tensors = {f'unet.{ATTENTION}.{name}': value for name, value in pair.items()}
    path = saved(tmp_path, tensors, {'lora_adapter_metadata': json.dumps(told)})
    assert close(read_lora(path, LAYERS).deltas[ATTENTION], expected)

    path = saved(tmp_path, kohya(ATTENTION), {'ss_network_args': json.dumps({'rs_lora': str(stabilised)})})
    assert close(read_lora(path, LAYERS).deltas[ATTENTION], expected)


def test_a_middle_convolution_stands_between_the_factors(tmp_path: Path):
    up, down, mid = random(12, 4, 1, 1), random(3, 8, 1, 1), random(4, 3, 3, 3)
    names = {'lora_up.weight': up, 'lora_down.weight': down, 'lora_mid.weight': mid}
    path = saved(tmp_path, {f'{KOHYA[CONVOLUTION]}.{name}': value for name, value in names.items()})
    x = random(1, 8, 5, 5)
    convolve = nn.functional.conv2d
    expected = convolve(convolve(convolve(x, down), mid), up)
    found = read_lora(path, LAYERS).deltas[CONVOLUTION].weight()
    assert torch.allclose(convolve(x, found), expected, atol=1e-3)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float32])
def test_halves_are_read_as_the_numbers_they_are(tmp_path: Path, dtype: torch.dtype):
    tensors = {name: value.to(dtype) for name, value in kohya(ATTENTION).items()}
    up, down = (value.to(dtype).float() for value in factors(ATTENTION))
    found = read_lora(saved(tmp_path, tensors), LAYERS).deltas[ATTENTION]
    assert found.up.dtype == torch.float32
    assert close(found, product(up, down, ALPHA / RANK))


def peft_layer(config, layer: str) -> nn.Module:
    """The layer with an adapter whose every number is random, by peft."""
    from peft import inject_adapter_in_model

    out, inside, *kernel = LAYERS[layer]
    made = (
        nn.Conv2d(inside, out, kernel[0], padding=1, bias=False)
        if kernel
        else nn.Linear(inside, out, bias=False)
    )
    model = inject_adapter_in_model(config, nn.ModuleDict({'layer': made}))
    for i, parameter in enumerate(p for p in model.parameters() if p.requires_grad):
        parameter.data.copy_(random(*parameter.shape, seed=i).abs() + 0.1)
    return model['layer']


def lycoris(kind: str, layer: str, decomposed: bool, tucker: bool):
    from peft import LoHaConfig, LoKrConfig

    about = {'alpha': ALPHA, 'target_modules': ['layer'], 'use_effective_conv2d': tucker}
    if kind == 'loha':
        return peft_layer(LoHaConfig(r=RANK, **about), layer)
    # Of rank 1: a higher one keeps matrices as small as these whole.
    return peft_layer(LoKrConfig(r=1, **about, decompose_both=decomposed, decompose_factor=4), layer)


def test_whole_matrices_of_lokr_are_scaled_by_peft_and_not_by_lycoris(tmp_path: Path):
    first, second = random(4, 4), random(6, 4, seed=2)
    pieces = {'lokr_w1': first, 'lokr_w2': second}
    tensors = {f'{KOHYA[ATTENTION]}.{name}': value for name, value in pieces.items()}
    path = saved(tmp_path, tensors | {f'{KOHYA[ATTENTION]}.alpha': torch.tensor(ALPHA)})
    assert close(read_lora(path, LAYERS).deltas[ATTENTION], torch.kron(first, second))
    peft = tmp_path / 'adapter_model.safetensors'
    save_file({f'base_model.model.{ATTENTION}.{name}': value for name, value in pieces.items()}, peft)
    (tmp_path / 'adapter_config.json').write_text(json.dumps({'r': RANK, 'alpha': ALPHA}))
    found = read_lora(peft, LAYERS).deltas[ATTENTION]
    assert close(found, torch.kron(first, second) * ALPHA / RANK)


@pytest.mark.parametrize('kind', ['loha', 'lokr'])
@pytest.mark.parametrize('layer', [ATTENTION, CONVOLUTION])
@pytest.mark.parametrize('decomposed', [True, False])
@pytest.mark.parametrize('tucker', [True, False])
def test_loha_and_lokr_are_what_peft_makes_of_them(
    tmp_path: Path, kind: str, layer: str, decomposed: bool, tucker: bool
):
    wrapped = lycoris(kind, layer, decomposed, tucker)
    tensors = {
        f'{KOHYA[layer]}.{piece.removesuffix(".default")}': value
        for piece, value in wrapped.state_dict().items()
        if piece.startswith(('hada', 'lokr'))
    }
    path = saved(tmp_path, tensors | {f'{KOHYA[layer]}.alpha': torch.tensor(ALPHA)})
    found = read_lora(path, LAYERS)
    assert found.format == kind
    assert close(found.deltas[layer], wrapped.get_delta_weight('default').detach())


@pytest.mark.parametrize('layer', [ATTENTION, CONVOLUTION])
def test_dora_changes_what_peft_changes(tmp_path: Path, layer: str):
    from peft import LoraConfig

    wrapped = peft_layer(LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=['layer'], use_dora=True), layer)
    base = wrapped.base_layer.weight.detach().clone()
    names = {'lora_A': 'lora_down.weight', 'lora_B': 'lora_up.weight', 'lora_magnitude_vector': 'dora_scale'}
    pieces = {
        names[piece.split('.')[0]]: value.detach().clone()
        for piece, value in wrapped.state_dict().items()
        if piece.startswith('lora')
    }
    pieces['dora_scale'] = pieces['dora_scale'].reshape(-1, *(1 for _ in LAYERS[layer][1:]))
    tensors = {f'{KOHYA[layer]}.{name}': value for name, value in pieces.items()}
    path = saved(tmp_path, tensors | {f'{KOHYA[layer]}.alpha': torch.tensor(ALPHA)})
    found = read_lora(path, LAYERS, lambda _: base)
    wrapped.merge()
    assert found.format == 'dora'
    assert close(found.deltas[layer], wrapped.base_layer.weight.detach() - base)


def test_places_are_counted_down_up_middle(tmp_path: Path):
    parts = ['attn1.to_q', 'attn1.to_k', 'attn1.to_v', 'attn1.to_out.0', 'ff.net.0.proj']
    parts += ['attn2.to_q', 'attn2.to_k', 'attn2.to_v', 'attn2.to_out.0']
    blocks = ['down_blocks.0.attentions.0', 'up_blocks.1.attentions.0', 'mid_block.attentions.0']
    layers = {f'{block}.transformer_blocks.0.{part}': (4, 4) for block in blocks for part in parts}
    tensors = {}
    for i in range(len(layers)):
        tensors |= {f'unet:{i}:up': torch.full((4, 1), float(i)), f'unet:{i}:down': torch.ones(1, 4)}
    found = read_lora(saved(tmp_path, {**tensors, '<s1>': torch.ones(4)}), layers)
    assert found.format == 'positional'
    mid = found.deltas['mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj']
    assert mid.weight()[0, 0] == 18 + 4
    assert found.deltas['up_blocks.1.attentions.0.transformer_blocks.0.attn2.to_q'].weight()[0, 0] == 9 + 5


def test_parts_of_the_text_encoder_are_kept_apart_and_written_again(tmp_path: Path):
    layer = 'text_model.encoder.layers.0.self_attn.q_proj'
    tensors = kohya(ATTENTION) | {
        f'lora_te_{layer.replace(".", "_")}.lora_up.weight': random(8, 2),
        f'lora_te_{layer.replace(".", "_")}.lora_down.weight': random(2, 8, seed=2),
    }
    found = read_lora(saved(tmp_path, tensors), LAYERS)
    assert list(found.deltas) == [ATTENTION] and list(found.text_encoder) == [layer]
    for format in ('kohya', 'diffusers'):
        again = read_lora(write_lora(tmp_path / 'again.safetensors', found, format), LAYERS)
        assert close(again.text_encoder[layer], found.text_encoder[layer].weight())


@pytest.mark.parametrize('format', ['kohya', 'diffusers'])
@pytest.mark.parametrize('seed', range(5))
def test_what_is_written_is_what_is_read_whatever_the_ranks(tmp_path: Path, format: str, seed: int):
    draw = torch.Generator().manual_seed(seed)
    tensors = {}
    for layer in LAYERS:
        rank = int(torch.randint(1, 9, (), generator=draw))
        up, down = factors(layer, rank, seed)
        tensors |= {
            f'{KOHYA[layer]}.lora_up.weight': up,
            f'{KOHYA[layer]}.lora_down.weight': down * 10.0**seed,
        }
    lora = read_lora(saved(tmp_path, tensors), LAYERS)
    path = write_lora(tmp_path / 'written.safetensors', lora, format, {'trigger': 'hamlet'})
    again = read_lora(path, LAYERS)
    assert again.metadata['trigger'] == 'hamlet'
    assert path.stat().st_mode & 0o777 == 0o644
    assert again.deltas.keys() == lora.deltas.keys()
    assert all(close(again.deltas[layer], delta.weight()) for layer, delta in lora.deltas.items())


def test_alphas_of_the_old_file_do_not_scale_the_new_one(tmp_path: Path):
    told = {'unet.r': RANK, 'unet.lora_alpha': 64}
    tensors = {
        f'unet.{ATTENTION}.lora_{name}.weight': value
        for name, value in zip('BA', factors(ATTENTION), strict=True)
    }
    path = saved(tmp_path, tensors, {'lora_adapter_metadata': json.dumps(told), 'alpha': '64'})
    lora = read_lora(path, LAYERS)
    again = write_lora(tmp_path / 'written.safetensors', Lora(lora.deltas, metadata=lora.metadata))
    assert close(read_lora(again, LAYERS).deltas[ATTENTION], product(*factors(ATTENTION), 64 / RANK))
