"""Pictures whose style, subject and palette a few numbers tell: stripes, a square, a colour."""

import hashlib
import itertools
import json
from pathlib import Path

import numpy as np

GRAMMAR = {
    'subject': {'top': ['a square at the top'], 'bottom': ['a square at the bottom']},
    'style': {'upright': ['upright stripes'], 'level': ['level stripes']},
    'palette': {'ember': ['burning red'], 'tide': ['deep blue']},
    'composition': {'centred': ['centred composition']},
    'medium': {'paper': ['on paper']},
}
COLOURS = {'ember': (220, 60, 40), 'tide': (40, 70, 210)}


def write_pictures(folder: Path, times: int = 4, size: int = 96) -> Path:
    """`times` pictures of each of the eight recipes, in the files that `hamlet world render` writes."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(times)
    recipes = list(itertools.product(*(GRAMMAR[a] for a in ('subject', 'style', 'palette')))) * times
    pixels = np.stack([draw(*recipe, size, random) for recipe in recipes])
    (folder / 'pixels.u8').write_bytes(pixels.tobytes())
    lines = [json.dumps(describe(*recipe)) for recipe in recipes]
    (folder / 'pictures.jsonl').write_text('\n'.join(lines) + '\n')
    digest = hashlib.sha256(pixels.tobytes()).hexdigest()
    manifest = {'count': len(recipes), 'size': size, 'sha256': digest, 'grammar': GRAMMAR}
    (folder / 'manifest.json').write_text(json.dumps(manifest))
    return folder


def draw(subject: str, style: str, palette: str, size: int, random) -> np.ndarray:
    stripes = (np.arange(size) + random.integers(12)) // 6 % 2 * 60
    field = np.broadcast_to(stripes, (size, size))
    field = field if style == 'upright' else field.T
    picture = np.clip(np.array(COLOURS[palette]) - field[:, :, None], 0, 255).astype(np.uint8)
    third, left = size // 3, random.integers(size // 2)
    top = 2 if subject == 'top' else size - third - 2
    picture[top : top + third, left : left + third] = 240
    return picture


def describe(subject: str, style: str, palette: str) -> dict:
    words = {
        'subject': subject,
        'style': style,
        'palette': palette,
        'composition': 'centred',
        'medium': 'paper',
    }
    prompt = ', '.join(GRAMMAR[attribute][word][0] for attribute, word in words.items())
    return {
        'id': f'{subject}.{style}.{palette}',
        **words,
        'prompt': prompt,
        'tags': ['square', 'side', style, palette],
    }
