"""A tiny Stable Diffusion, an untrained CLIP and pairs with a known better side: level stripes."""

from pathlib import Path

import numpy as np
import torch
from plain_job import PlainJob
from planted_pictures import GRAMMAR, draw
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

from hamlet_sidecar.artifacts import write_artifact
from hamlet_sidecar.clip.tokenizer import train_tokenizer
from hamlet_sidecar.diffusion.conditioning import build_text_encoder
from hamlet_sidecar.diffusion.models import CONTEXT, build_unet, build_vae
from hamlet_sidecar.diffusion.train import save_pipeline
from hamlet_sidecar.dpo.pair_set import Pair, PairSet
from hamlet_sidecar.dpo.pairs.make import files_of
from hamlet_sidecar.dpo.scorers.preference import save_preference
from hamlet_sidecar.files import confine

WORDS = ['a square at the top', 'a square at the bottom', 'upright level stripes', 'burning red', 'deep blue']


class Job(PlainJob):
    def path(self, relative: str) -> Path:
        return confine(self.artifacts, relative)


def write_models(folder: Path) -> None:
    """`diffusion`, `clip` and `preference.safetensors`, untrained."""
    torch.manual_seed(1)
    tokenizer = train_tokenizer(WORDS, CONTEXT)
    text = build_text_encoder(tokenizer, 'test')
    save_pipeline(build_unet('test'), build_vae('test'), text, tokenizer, folder / 'diffusion')
    small = {'hidden_size': 16, 'intermediate_size': 16, 'num_hidden_layers': 1, 'num_attention_heads': 1}
    texts = {
        **small,
        'vocab_size': len(tokenizer),
        'max_position_embeddings': CONTEXT,
        'bos_token_id': tokenizer.bos_token_id,
        'eos_token_id': tokenizer.eos_token_id,
        'pad_token_id': tokenizer.pad_token_id,
    }
    sight = {**small, 'image_size': 32, 'patch_size': 8}
    CLIPModel(CLIPConfig(text_config=texts, vision_config=sight, projection_dim=8)).save_pretrained(
        folder / 'clip'
    )
    tokenizer.save_pretrained(folder / 'clip')
    size = {'height': 32, 'width': 32}
    CLIPImageProcessorPil(size={'shortest_edge': 32}, crop_size=size).save_pretrained(folder / 'clip')
    save_preference(np.arange(8, dtype=np.float32), folder / 'preference.safetensors')


def level_pairs(count: int = 24) -> PairSet:
    """Of `count` pairs the winner has level stripes and the loser upright ones, all else being equal."""
    random = np.random.default_rng(1)
    palettes, subjects = list(GRAMMAR['palette']), list(GRAMMAR['subject'])
    pixels, pairs = [], []
    for number in range(count):
        subject, palette = subjects[number % 2], palettes[number // 2 % 2]
        pixels += [draw(subject, style, palette, 64, random) for style in ('level', 'upright')]
        prompt = GRAMMAR['subject'][subject][0]
        pairs.append(Pair(2 * number, 2 * number + 1, prompt, number % 2, 1.0))
    ids = [f'picture-{place}' for place in range(len(pixels))]
    held_out = ['a square at the top, deep blue', 'a square at the bottom, burning red']
    return PairSet('implicit', {'implicit': 'test'}, np.stack(pixels), ids, pairs, held_out, {'pairs': count})


def write_pairs(folder: Path, pairs: PairSet) -> str:
    about = {'contract': 'hamlet-dpo-pairs/1', 'parameters': {}, 'metrics': {}, 'seeds': [1]}
    return write_artifact(folder, 'dpo-pairs', 'test', files_of(pairs), dataset={'digest': 'd'}, **about).name
