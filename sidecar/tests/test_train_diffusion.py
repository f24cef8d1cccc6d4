from pathlib import Path

import numpy as np
import pytest
import torch
from plain_job import PlainJob
from planted_pictures import GRAMMAR, write_pictures

from hamlet_sidecar.classifier.train import run as train_classifier
from hamlet_sidecar.clip.model import build_clip
from hamlet_sidecar.clip.tokenizer import tokenizer_for
from hamlet_sidecar.diffusion.check import check_diffusion
from hamlet_sidecar.diffusion.conditioning import encode_prompts
from hamlet_sidecar.diffusion.fit_vae import small_pixels
from hamlet_sidecar.diffusion.models import build_scheduler
from hamlet_sidecar.diffusion.objective import Noising
from hamlet_sidecar.diffusion.sample import load_pipeline, sample
from hamlet_sidecar.diffusion.train import run
from hamlet_sidecar.errors import JobCancelled
from hamlet_sidecar.pictures import read_pictures

SPEC = {'renders': 'train', 'scale': 'test', 'vaeSteps': 50, 'unetSteps': 60, 'batch': 8}


@pytest.fixture(scope='module')
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stopped in the middle of the UNet and started again."""
    folder = tmp_path_factory.mktemp('diffusion')
    write_pictures(folder / 'train', times=4, size=64)
    with pytest.raises(JobCancelled):
        run(SPEC, PlainJob(folder, stop_at=0.9))
    run(SPEC, PlainJob(folder))
    return folder


class Oracle(torch.nn.Module):
    """Knows the picture, so it can tell the noise in what it is shown."""

    def __init__(self, latents, noising: Noising):
        super().__init__()
        self.latents, self.noising = latents, noising

    def forward(self, noised, at, encoder_hidden_states):
        signal, spread = (part[at][:, None, None, None] for part in (self.noising.signal, self.noising.noise))
        noise = (noised - signal * self.latents) / spread
        return type('Output', (), {'sample': signal * noise - spread * self.latents})


def test_the_loss_is_zero_for_who_knows_the_picture():
    noising = Noising(build_scheduler())
    latents = torch.randn(6, 4, 8, 8)
    loss = noising.loss(
        Oracle(latents, noising), latents, torch.zeros(6, 1, 1), torch.Generator().manual_seed(1)
    )
    assert loss < 1e-6


def test_training_makes_a_pipeline_that_diffusers_loads_and_a_seed_repeats(trained: Path):
    pipeline = load_pipeline(trained / 'diffusion')
    first = sample(pipeline, ['top', 'bottom'], seed=3, steps=4)
    assert first.shape == (2, 3, 64, 64)
    assert torch.equal(first, sample(pipeline, ['top', 'bottom'], seed=3, steps=4))
    assert not torch.equal(first, sample(pipeline, ['top', 'bottom'], seed=4, steps=4))


def test_layers_are_named_as_in_sd_15(trained: Path):
    names = set(load_pipeline(trained / 'diffusion').unet.state_dict())
    block = 'down_blocks.1.attentions.0.transformer_blocks.0'
    for layer in ('attn1.to_q', 'attn1.to_v', 'attn2.to_k', 'attn2.to_out.0', 'ff.net.0.proj', 'ff.net.2'):
        assert f'{block}.{layer}.weight' in names


def test_the_vae_gives_pictures_back_better_than_their_mean(trained: Path):
    vae = load_pipeline(trained / 'diffusion').vae
    assert 0.1 < vae.config.scaling_factor < 30
    pictures = read_pictures(trained / 'train')
    pixels = small_pixels(pictures, np.arange(len(pictures)))
    with torch.no_grad():
        drawn = vae.decode(vae.encode(pixels).latent_dist.mode()).sample
    assert (drawn - pixels).abs().mean() < (pixels.mean(0) - pixels).abs().mean() * 0.8


def test_the_judge_knows_renders_and_says_what_samples_are(trained: Path):
    write_pictures(trained / 'heldout', times=2, size=64)
    spec = {'renders': 'train', 'heldout': 'heldout', 'steps': 60, 'batch': 16}
    heldout = train_classifier(spec, PlainJob(trained))['heldout']
    assert heldout == {'style': 1, 'subject': 1}
    figures = check_diffusion(trained / 'diffusion', trained / 'classifier.safetensors', GRAMMAR)
    assert figures['samples'] == 4
    assert 0 <= figures['styleAccuracy'] <= 1


def test_a_clips_text_tower_reads_the_prompts_and_is_left_as_it_was(tmp_path: Path):
    pictures = read_pictures(write_pictures(tmp_path / 'train', times=1, size=64))
    tokenizer = tokenizer_for(pictures)
    clip = build_clip(tokenizer, 'test')
    clip.save_pretrained(tmp_path / 'clip')
    tokenizer.save_pretrained(tmp_path / 'clip')
    run({**SPEC, 'clip': 'clip', 'vaeSteps': 2, 'unetSteps': 2}, PlainJob(tmp_path))
    pipeline = load_pipeline(tmp_path / 'diffusion')
    prompt = ['a square at the top, level stripes, deep blue']
    with torch.no_grad():
        wanted = clip.get_text_features(**tokenizer(prompt, return_tensors='pt')).pooler_output
        hidden = encode_prompts(prompt, pipeline.text_encoder, pipeline.tokenizer)
    last = len(tokenizer(prompt[0]).input_ids) - 1
    # float16 on disk, hence no closer.
    assert torch.allclose(clip.text_projection(hidden[:, last]), wanted, atol=5e-3)
