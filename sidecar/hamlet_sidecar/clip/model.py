"""The tiny CLIP: transformers' own CLIPModel, small enough for two cores."""

from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizer

# Patches of 12 px keep brush strokes, tesserae and dots apart; the 64 of them cost as much as at 64 px.
IMAGE_SIZE, PATCH_SIZE = 96, 12
EMBEDDING = 64


def build_clip(tokenizer: CLIPTokenizer, scale: str = 'tiny') -> CLIPModel:
    """Untrained. `scale` "test" is a model that a test trains in seconds."""
    width, layers = {'tiny': (128, 4), 'test': (32, 2)}[scale]
    special = {
        'bos_token_id': tokenizer.bos_token_id,
        'eos_token_id': tokenizer.eos_token_id,
        'pad_token_id': tokenizer.pad_token_id,
    }
    config = CLIPConfig(
        text_config={
            'vocab_size': len(tokenizer),
            'hidden_size': width,
            'intermediate_size': width * 4,
            'num_hidden_layers': layers // 2,
            'num_attention_heads': width // 32,
            'max_position_embeddings': tokenizer.model_max_length,
            'projection_dim': EMBEDDING,
            **special,
        },
        vision_config={
            'hidden_size': width,
            'intermediate_size': width * 4,
            'num_hidden_layers': layers,
            'num_attention_heads': width // 32,
            'image_size': IMAGE_SIZE,
            'patch_size': PATCH_SIZE,
            'projection_dim': EMBEDDING,
        },
        projection_dim=EMBEDDING,
        **special,
    )
    return CLIPModel(config)


def build_processor() -> CLIPImageProcessor:
    return CLIPImageProcessor(
        size={'shortest_edge': IMAGE_SIZE},
        crop_size={'height': IMAGE_SIZE, 'width': IMAGE_SIZE},
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
    )
