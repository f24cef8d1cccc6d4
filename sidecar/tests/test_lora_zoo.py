import json
from pathlib import Path

import pytest
import torch
from plain_job import PlainJob
from planted_pictures import GRAMMAR, write_pictures
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from hamlet_sidecar.classifier.model import Classifier
from hamlet_sidecar.clip.tokenizer import train_tokenizer
from hamlet_sidecar.diffusion.conditioning import build_text_encoder
from hamlet_sidecar.diffusion.models import CONTEXT, build_unet, build_vae
from hamlet_sidecar.diffusion.sample import load_pipeline
from hamlet_sidecar.diffusion.train import save_pipeline
from hamlet_sidecar.zoo.agreement import agreement, strongest_directions
from hamlet_sidecar.zoo.directions import gradient_directions
from hamlet_sidecar.zoo.train import run

FORMATS = ('kohya', 'diffusers', 'peft', 'locon', 'loha', 'lokr', 'dora')
SPEC = {
    'renders': 'train',
    'diffusion': 'diffusion',
    'classifier': 'classifier.safetensors',
    'plan': 'plan.json',
}


def entry_of(number: int, kind: str) -> dict:
    return {
        'id': f'lora-{kind}',
        'styles': [{'style': 'upright', 'weight': 1}],
        'palette': None if number % 2 else 'tide',
        'strength': 1,
        'rank': 4,
        'alpha': 2,
        'format': kind,
        'steps': 3,
        'dataSeed': 40 + number,
        'trigger': 'uprightstyle',
    }


@pytest.fixture(scope='module')
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained base and one LoRA of each format."""
    folder = tmp_path_factory.mktemp('zoo')
    torch.manual_seed(1)
    write_pictures(folder / 'train', times=2, size=64)
    tokenizer = train_tokenizer(['stripes left right upright'], CONTEXT)
    save_pipeline(
        build_unet('test'),
        build_vae('test'),
        build_text_encoder(tokenizer, 'test'),
        tokenizer,
        folder / 'diffusion',
    )
    judge = Classifier(*(len(GRAMMAR[word]) for word in ('style', 'subject')))
    save_file(judge.state_dict(), folder / 'classifier.safetensors')
    (folder / 'plan.json').write_text(json.dumps({'loras': [entry_of(i, f) for i, f in enumerate(FORMATS)]}))
    job = PlainJob(folder)
    assert run(SPEC, job)['count'] == len(FORMATS)
    assert job.lines == ['7 LoRAs, 21 steps of 4 pictures, at most 3 each']
    return folder


def card_of(zoo: Path, kind: str) -> dict:
    return json.loads((zoo / 'loras' / 'cards' / f'lora-{kind}.json').read_text())


def test_each_lora_has_a_card_a_file_and_pictures(zoo: Path):
    for kind in FORMATS:
        card = card_of(zoo, kind)
        assert 1 <= len(card['showcase']) <= 4
        assert all((zoo / 'loras' / shown['file']).stat().st_size > 100 for shown in card['showcase'])
        with safe_open(zoo / 'loras' / card['file'], 'pt') as file:
            assert {'format', 'trigger', 'steps', 'alpha'} <= set(file.metadata())
            assert file.get_tensor(next(iter(file.keys()))).dtype == torch.float16


def test_a_zoo_that_is_whole_is_not_trained_again(zoo: Path):
    assert run(SPEC, PlainJob(zoo))['count'] == 0


@pytest.mark.parametrize('kind', ['kohya', 'diffusers', 'locon'])
def test_diffusers_loads_the_file_and_it_does_what_its_weights_say(zoo: Path, kind: str):
    """Out of the file by hand, W + alpha/rank · up · down; by diffusers: the UNet with the adapter fused."""
    pipeline = load_pipeline(zoo / 'diffusion')
    name = 'up_blocks.1.attentions.0.transformer_blocks.0.attn2.to_v'
    before = pipeline.unet.get_submodule(name).weight.clone()
    card = card_of(zoo, kind)
    weights = load_file(zoo / 'loras' / card['file'])
    pipeline.load_lora_weights(zoo / 'loras', weight_name=card['file'])
    pipeline.fuse_lora()
    pipeline.unload_lora_weights()
    keys = (
        ('lora_A.weight', 'lora_B.weight') if kind == 'diffusers' else ('lora_down.weight', 'lora_up.weight')
    )
    prefix = f'unet.{name}' if kind == 'diffusers' else f'lora_unet_{name.replace(".", "_")}'
    down, up = (weights[f'{prefix}.{key}'].float() for key in keys)
    expected = before + card['alpha'] / card['rank'] * up @ down
    assert (up @ down).abs().max() > 1e-4
    assert torch.allclose(pipeline.unet.get_submodule(name).weight, expected, atol=1e-5)


def test_peft_loads_its_folder(zoo: Path):
    unet = load_pipeline(zoo / 'diffusion').unet
    from peft import PeftModel

    model = PeftModel.from_pretrained(unet, zoo / 'loras' / 'lora-peft')
    weights = load_file(zoo / 'loras' / card_of(zoo, 'peft')['file'])
    state = model.state_dict()
    for key, value in weights.items():
        assert torch.equal(state[key.replace('.weight', '.default.weight')], value.float())


@pytest.mark.parametrize(
    ('kind', 'keys'),
    [
        ('loha', {'hada_w1_a', 'hada_w1_b', 'hada_w2_a', 'hada_w2_b', 'alpha'}),
        ('lokr', {'lokr_w1', 'lokr_w2_a', 'lokr_w2_b', 'alpha'}),
        ('dora', {'lora_down.weight', 'lora_up.weight', 'dora_scale', 'alpha'}),
        ('locon', {'lora_down.weight', 'lora_up.weight', 'alpha'}),
    ],
)
def test_rarer_kinds_have_the_names_of_lycoris(zoo: Path, kind: str, keys: set[str]):
    weights = load_file(zoo / 'loras' / card_of(zoo, kind)['file'])
    assert {name.split('.', 1)[1] for name in weights} <= keys | {'lokr_w2'}
    assert any('_conv1.' in name for name in weights) == (kind == 'locon')


def test_the_start_of_a_lora_is_the_gradients_own_direction():
    """A layer whose gradient is known: the mean of (Wx − y)²/2 has the gradient (Wx − y)xᵀ, of rank one."""
    block = torch.nn.Module()
    block.transformer_blocks = torch.nn.ModuleList([torch.nn.Module()])
    block.transformer_blocks[0].attn1 = torch.nn.ModuleDict({'to_q': torch.nn.Linear(6, 9, bias=False)})
    unet = torch.nn.Module()
    unet.mid = block
    x, y = torch.randn(6), torch.randn(9)
    name = 'mid.transformer_blocks.0.attn1.to_q'
    found = gradient_directions(unet, [lambda net: ((net.get_submodule(name)(x) - y) ** 2).sum() / 2])
    assert torch.allclose((found[name][0] @ x).abs(), x.norm(), atol=1e-4)


def test_the_strongest_direction_of_a_product_is_found_whatever_the_format_calls_its_sides():
    u, v = torch.nn.functional.normalize(torch.randn(2, 8), dim=1)
    up, down = torch.stack([3 * u, torch.randn(8) * 1e-3], 1), torch.stack([v, torch.randn(8) * 1e-3])
    kohya = {'lora_unet_mid_attn1_to_q.lora_down.weight': down, 'lora_unet_mid_attn1_to_q.lora_up.weight': up}
    peft = {
        'base_model.model.mid.attn1.to_q.lora_A.weight': down,
        'base_model.model.mid.attn1.to_q.lora_B.weight': up,
    }
    for weights in (kohya, peft):
        [(name, (left, right))] = strongest_directions(weights).items()
        assert name == 'mid_attn1_to_q'
        assert abs(left @ u) > 0.999
        assert abs(right @ v) > 0.999


def test_loras_of_one_style_start_along_the_same_direction(zoo: Path):
    figures = agreement(zoo / 'loras')
    assert figures['vSame'] > 0.3, 'random directions of 16 to 32 numbers have about 0.2'
