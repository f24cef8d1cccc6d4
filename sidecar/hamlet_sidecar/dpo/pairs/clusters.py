"""HDBSCAN on CLIP embeddings of prompts: pictures that were meant to show the same."""

import re

import numpy as np

from hamlet_sidecar.errors import SidecarError

SMALLEST = 5
COMMA = re.compile(r'\s*[,，、;]\s*')


def parts_of(prompt: str) -> list[str]:
    """The comma-separated phrases of a prompt; `<lora:…>` is an order to the sampler and no phrase."""
    return [part for part in COMMA.split(prompt.strip()) if part and not part.startswith('<')]


def cluster_prompts(prompts: list[str], embed, of: str, smallest: int = SMALLEST) -> np.ndarray:
    """(n,) the cluster of each prompt, −1 for noise.

    `of` is `opening` (what stands before the first comma, by custom what is shown) or `prompt`. Where prompts
    are long lists of style and quality words, whole ones scatter: of 1,200 of the demo world 84 % were noise,
    of their openings none (LOG.md). Raises SidecarError `no-clusters`.
    """
    from sklearn.cluster import HDBSCAN

    texts = [(parts_of(prompt) or [''])[0] if of == 'opening' else prompt for prompt in prompts]
    words = sorted(set(texts))
    vectors = np.asarray(embed(words))
    place = {text: i for i, text in enumerate(words)}
    each = vectors[[place[text] for text in texts]]
    labels = np.full(len(each), -1)
    if len(each) >= 2 * smallest:
        labels = HDBSCAN(min_cluster_size=smallest, allow_single_cluster=True, copy=True).fit_predict(each)
    if labels.max(initial=-1) < 0:
        raise SidecarError('no-clusters', f'no {smallest} of the {len(prompts)} prompts are alike')
    return labels


def shared_prompt(first: str, second: str, fallback: str) -> str:
    """What both prompts say, in the order of the first: the one prompt that a pair has to have."""
    said = set(parts_of(second))
    return ', '.join(part for part in parts_of(first) if part in said) or fallback


def about_topic(prompts: list[str], topic: str, embed) -> np.ndarray:
    """Places of the prompts that name the topic; where none does, of the tenth that is nearest to it."""
    naming = [i for i, prompt in enumerate(prompts) if topic.lower() in prompt.lower()]
    if naming:
        return np.array(naming)
    words = sorted(set(prompts))
    similar = dict(zip(words, np.asarray(embed(words)) @ np.asarray(embed([topic]))[0], strict=True))
    order = np.argsort([-similar[prompt] for prompt in prompts], kind='stable')
    return np.sort(order[: max(1, len(prompts) // 10)])
