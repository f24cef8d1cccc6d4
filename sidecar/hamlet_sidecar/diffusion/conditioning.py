"""Prompts to the hidden states that the UNet attends to."""

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from hamlet_sidecar.diffusion.models import CONTEXT, SIZES


def build_text_encoder(tokenizer: CLIPTokenizer, scale: str = 'tiny') -> CLIPTextModel:
    """Untrained; it learns with the UNet. SD 1.5 freezes CLIP's, which had 400 million captions to learn from."""
    width = SIZES[scale]['text']
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=width * 4,
            num_hidden_layers=2,
            num_attention_heads=width // 32,
            max_position_embeddings=CONTEXT,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def text_encoder_of(clip: Path) -> tuple[CLIPTextModel, CLIPTokenizer]:
    """A CLIP folder's text tower, cut to CONTEXT tokens, and its tokenizer.

    It has seen pictures: subject and style of a prompt can be read off its hidden states, which a text encoder
    that learns together with a small UNet takes thousands of steps to find.
    """
    tower = CLIPTextModel.from_pretrained(clip, dtype=torch.float32)
    embeddings = tower.text_model.embeddings if hasattr(tower, 'text_model') else tower.embeddings
    places = nn.Embedding(CONTEXT, embeddings.position_embedding.embedding_dim)
    places.weight.data.copy_(embeddings.position_embedding.weight[:CONTEXT])
    embeddings.position_embedding = places
    embeddings.position_ids = torch.arange(CONTEXT)[None]
    tower.config.max_position_embeddings = CONTEXT
    return tower, CLIPTokenizer.from_pretrained(clip, model_max_length=CONTEXT)


def encode_prompts(prompts: list[str], text_encoder: CLIPTextModel, tokenizer: CLIPTokenizer) -> Tensor:
    """(n, CONTEXT, width). Padded to the full length, because diffusers' pipeline does the same."""
    words = tokenizer(prompts, padding='max_length', truncation=True, max_length=CONTEXT, return_tensors='pt')
    return text_encoder(words.input_ids.to(text_encoder.device)).last_hidden_state
