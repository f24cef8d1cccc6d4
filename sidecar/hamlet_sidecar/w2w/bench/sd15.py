"""SD 1.5 at its full size without its weights: a UNet of the published config, drawn at random."""

import tempfile
import time
from pathlib import Path

import torch

from hamlet_sidecar.w2w.bases import SD15, open_base
from hamlet_sidecar.w2w.build_job import run
from hamlet_sidecar.w2w.delta import Delta, Lora
from hamlet_sidecar.w2w.layout import layers_of_method
from hamlet_sidecar.w2w.read import read_lora
from hamlet_sidecar.w2w.spaces import load_space
from hamlet_sidecar.w2w.write import FORMATS, write_lora

LORAS, RANK = 6, 4


def full_size() -> dict:
    """Files of rank 4 → space → edit → file → diffusers: the UNet's answer moves as W + ΔW says it must."""
    from diffusers import UNet2DConditionModel

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        torch.manual_seed(1)
        unet = UNet2DConditionModel(cross_attention_dim=768).eval()
        unet.save_pretrained(folder / 'base' / 'unet')
        base = open_base(folder / 'base')
        assert base.layers == SD15.layers
        members = []
        for i in range(LORAS):
            write_lora(folder / f'{i}.safetensors', random_lora(i))
            members.append({'id': str(i), 'file': f'{i}.safetensors'})
        space, seconds = build(folder, members)
        one = read_lora(folder / '0.safetensors', base.layers, base.weight)
        theta = space.theta(one)
        edited = space.lora(
            theta
            + space.moved(space.fitted.variances.sqrt()[0] * torch.eye(1, len(space.fitted.variances))[0])
        )
        errors = {form: loaded_error(unet, edited, folder, form) for form in FORMATS}
    return {
        'parameters': sum(p.numel() for p in unet.parameters()),
        'layers': len(base.layers),
        'theta': space.layout.size,
        'secondsALora': round(seconds / LORAS, 2),
        'relativeErrorOfTheAnswer': errors,
    }


def random_lora(seed: int) -> Lora:
    draw = torch.Generator().manual_seed(seed)
    deltas = {}
    for layer in layers_of_method('attn_qv', list(SD15.layers)):
        out, wide = SD15.layers[layer]
        up = 0.05 * torch.randn(out, RANK, generator=draw)
        deltas[layer] = Delta(up, torch.randn(RANK, wide, generator=draw) / wide**0.5, (out, wide))
    return Lora(deltas)


def build(folder: Path, members: list[dict]):
    import json

    from hamlet_sidecar.jobs.context import JobContext

    (folder / 'members.json').write_text(json.dumps(members))
    job = JobContext('bench', 1, folder, folder / 'checkpoint', lambda message: None, lambda: False)
    began = time.monotonic()
    result = run({'members': 'members.json', 'base': 'base', 'method': 'attn_qv', 'dimensions': 5}, job)
    return load_space(folder / result['artifact']), time.monotonic() - began


@torch.no_grad()
def loaded_error(unet, edited: Lora, folder: Path, form: str) -> dict[str, float]:
    """Of what diffusers computes with the file, against W + ΔW by hand; beside it how far both are from W."""
    write_lora(folder / 'edited.safetensors', edited, form)
    noise = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(5))
    text = torch.randn(1, 7, 768, generator=torch.Generator().manual_seed(6))
    before = unet(noise, 500, text).sample
    for sign in (1, -1):
        for layer, delta in edited.deltas.items():
            unet.get_submodule(layer).weight += sign * delta.weight()
        if sign == 1:
            expected = unet(noise, 500, text).sample
    from diffusers.loaders import StableDiffusionLoraLoaderMixin as Loader

    state, alphas = Loader.lora_state_dict(folder, weight_name='edited.safetensors', unet_config=unet.config)
    Loader.load_lora_into_unet(state, alphas, unet)
    found = unet(noise, 500, text).sample
    unet.unload_lora()
    return {
        'against': round(float((found - expected).norm() / (expected - before).norm()), 6),
        'moved': round(float((expected - before).norm() / before.norm()), 6),
    }
