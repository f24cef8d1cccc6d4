"""Captions in the words people use: the whole prompt, or a few of its words in any order."""

import re

import numpy as np

from hamlet_sidecar.pictures import ATTRIBUTES

STOPWORDS = {'a', 'an', 'the', 'with', 'of', 'in', 'on', 'to', 'about', 'for', 'by', 'and', 'full'}
FULL_PROMPT = 0.35
# How often each attribute is mentioned to the model that draws.
TELLING = np.array([0.95, 0.95, 0.75, 0.4, 0.3])
STRAY_WORDS = 0.15
OPENINGS = ('', '', '', '', 'a picture of ', 'painting of ', 'an image of ')
LETTERS = np.array(list('etaoinshrdlcumwfgypbvk'))


def write_caption(record: dict, grammar: dict, random: np.random.Generator) -> tuple[str, np.ndarray]:
    """A caption, and which of the five attributes it mentions: the others may be anything."""
    if random.random() < FULL_PROMPT:
        return record['prompt'], np.ones(len(ATTRIBUTES), bool)
    mentioned = random.random(len(ATTRIBUTES)) < random.choice([0.25, 0.5, 0.75])
    mentioned[random.integers(3)] = True
    return _say(mentioned, record, grammar, random), mentioned


def write_telling_caption(record: dict, grammar: dict, random: np.random.Generator) -> str:
    """For drawing: hardly ever without subject, style and palette."""
    mentioned = random.random(len(ATTRIBUTES)) < TELLING
    return _say(mentioned, record, grammar, random)


def _say(mentioned: np.ndarray, record: dict, grammar: dict, random: np.random.Generator) -> str:
    pieces = [_phrase(record, a, grammar, random) for a, m in zip(ATTRIBUTES, mentioned, strict=True) if m]
    if random.random() < STRAY_WORDS:
        pieces.append(_stray_word(random))
    random.shuffle(pieces)
    joined = random.choice([', ', ' ']).join(pieces)
    return random.choice(OPENINGS) + joined


def _phrase(record: dict, attribute: str, grammar: dict, random: np.random.Generator) -> str:
    word = record[attribute]
    says = str(random.choice(grammar[attribute][word]))
    draw = random.random()
    if draw < 0.45:
        return says
    if draw < 0.65:
        return word.replace('-', ' ')
    if draw < 0.75 and attribute in ('subject', 'style'):
        tags = record['tags']
        return str(random.choice(tags[:2] if attribute == 'subject' else tags[2:-1]))
    telling = [w for w in re.findall(r'[\w-]+', says) if w not in STOPWORDS]
    kept = np.sort(random.permutation(len(telling))[: random.integers(1, 4)])
    return ' '.join(telling[i] for i in kept)


def _stray_word(random: np.random.Generator) -> str:
    """Names and words outside the grammar come up in real prompts; they should change nothing."""
    return ''.join(random.choice(LETTERS, random.integers(3, 9)))
