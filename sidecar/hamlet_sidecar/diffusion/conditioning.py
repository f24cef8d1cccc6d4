"""Prompts to the hidden states that the UNet attends to."""

from torch import Tensor
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


def encode_prompts(prompts: list[str], text_encoder: CLIPTextModel, tokenizer: CLIPTokenizer) -> Tensor:
    """(n, CONTEXT, width). Padded to the full length, because diffusers' pipeline does the same."""
    words = tokenizer(prompts, padding='max_length', truncation=True, max_length=CONTEXT, return_tensors='pt')
    return text_encoder(words.input_ids).last_hidden_state
