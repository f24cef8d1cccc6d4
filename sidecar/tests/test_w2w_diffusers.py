"""A load can silently do nothing: what diffusers draws with a written file is held to what its ΔW says."""

from pathlib import Path

import pytest
import torch
from planted_loras import random

from hamlet_sidecar.clip.tokenizer import train_tokenizer
from hamlet_sidecar.diffusion.conditioning import build_text_encoder
from hamlet_sidecar.diffusion.models import CONTEXT, build_unet, build_vae
from hamlet_sidecar.diffusion.sample import load_pipeline
from hamlet_sidecar.diffusion.train import save_pipeline
from hamlet_sidecar.w2w.bases import SD15, open_base
from hamlet_sidecar.w2w.delta import Delta, Lora, product_of
from hamlet_sidecar.w2w.layout import Layout, layers_of_method
from hamlet_sidecar.w2w.write import FORMATS, write_lora


@pytest.fixture(scope='module')
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('base') / 'diffusion'
    torch.manual_seed(1)
    tokenizer = train_tokenizer(['stripes left right upright'], CONTEXT)
    parts = (build_unet('test'), build_vae('test'), build_text_encoder(tokenizer, 'test'), tokenizer)
    save_pipeline(*parts, folder)
    return folder


def lora_for(folder: Path) -> Lora:
    """Ranks differ, one layer is a convolution, one of full rank as a DoRA’s is."""
    layers = open_base(folder).layers
    chosen = [name for name in layers if 'attn' in name or name.endswith('ff.net.2')]
    chosen.append(next(name for name in layers if name.endswith('resnets.0.conv1')))
    deltas = {}
    for place, name in enumerate(chosen):
        out, wide = layers[name][0], torch.Size(layers[name][1:]).numel()
        rank = 1 + place % 4
        up, down = random(out, rank, seed=place), random(rank, wide, seed=100 + place)
        deltas[name] = Delta(0.1 * up, down, layers[name])
    deltas[chosen[0]] = product_of(deltas[chosen[0]].weight(), layers[chosen[0]])
    return Lora(deltas)


def drawn(pipeline) -> torch.Tensor:
    picture = pipeline(
        'stripes left', num_inference_steps=3, output_type='np', generator=torch.Generator().manual_seed(3)
    )
    return torch.from_numpy(picture.images[0])


@pytest.mark.parametrize('format', FORMATS)
def test_a_written_file_changes_the_picture_as_its_weights_say(base: Path, tmp_path: Path, format: str):
    lora = lora_for(base)
    path = write_lora(tmp_path / f'{format}.safetensors', lora, format)
    plain = load_pipeline(base)
    before = drawn(plain)
    with torch.no_grad():
        for layer, delta in lora.deltas.items():
            plain.unet.get_submodule(layer).weight += delta.weight()
    expected = drawn(plain)
    loaded = load_pipeline(base)
    loaded.load_lora_weights(tmp_path, weight_name=path.name)
    assert torch.allclose(drawn(loaded), expected, atol=2e-3)
    assert (expected - before).abs().mean() > 0.02


def test_the_layers_of_sd15_are_those_of_its_published_config():
    """On the meta device: no weight is given memory."""
    from accelerate import init_empty_weights
    from diffusers import UNet2DConditionModel

    with init_empty_weights():
        unet = UNet2DConditionModel(cross_attention_dim=768)
    shapes = {name: tuple(m.weight.shape) for name, m in unet.named_modules() if hasattr(m, 'weight')}
    assert {name: shape for name, shape in shapes.items() if len(shape) >= 2} == SD15.layers


def test_rank_one_on_queries_and_values_has_the_size_that_weights2weights_published():
    layers = layers_of_method('attn_qv', list(SD15.layers))
    assert Layout(tuple((name, SD15.layers[name]) for name in layers)).size == 99_648
