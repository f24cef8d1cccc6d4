"""Job `train-classifier`: on renders only; what it says of samples is then no one's own judgement of itself."""

import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch.optim import AdamW

from hamlet_sidecar.augment import augment
from hamlet_sidecar.classifier.model import NAMED, Classifier
from hamlet_sidecar.device import device
from hamlet_sidecar.diffusion.fit_vae import small_pixels
from hamlet_sidecar.files import confine
from hamlet_sidecar.pictures import ATTRIBUTES, Pictures, read_pictures
from hamlet_sidecar.schedule import rate_at

# Less softness than CLIP gets: hatching and dots are what some styles are told by.
BLUR = 0.1
DEFAULTS = {'steps': 1000, 'batch': 64, 'learningRate': 3e-3, 'seed': 1}
FILE = 'classifier.safetensors'


def run(spec: dict, job) -> dict:
    """spec: {renders, heldout, steps?, batch?, learningRate?, seed?} → file `classifier.safetensors`.

    A training of two minutes has no checkpoints: it starts again.
    """
    spec = {**DEFAULTS, **spec}
    began = time.perf_counter()
    torch.manual_seed(spec['seed'])
    pictures = read_pictures(confine(job.artifacts, spec['renders']))
    wanted = named_labels(pictures).to(device().kind)
    model = Classifier(*(len(pictures.grammar[word]) for word in NAMED)).to(device().kind)
    optimiser = AdamW(model.parameters(), lr=spec['learningRate'], weight_decay=0.02)
    for step in range(spec['steps']):
        job.raise_if_cancelled()
        random = np.random.default_rng([spec['seed'], step])
        chosen = random.choice(len(pictures), min(spec['batch'], len(pictures)), replace=False)
        pixels = augment(small_pixels(pictures, chosen), random, BLUR).to(device().kind)
        logits = model(pixels.flip(-1) if random.random() < 0.5 else pixels)
        loss = sum(
            F.cross_entropy(part, wanted[chosen, i], label_smoothing=0.05) for i, part in enumerate(logits)
        )
        for group in optimiser.param_groups:
            group['lr'] = spec['learningRate'] * rate_at(step / spec['steps'])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        job.progress((step + 1) / spec['steps'], step=step + 1, loss=loss.item())
    state = {
        name: value.half() if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    save_file(state, Path(job.artifacts) / FILE)
    figures = accuracy(
        load_classifier(Path(job.artifacts) / FILE, pictures.grammar),
        read_pictures(confine(job.artifacts, spec['heldout'])),
    )
    return {'file': FILE, 'seconds': round(time.perf_counter() - began), 'heldout': figures, 'spec': spec}


def load_classifier(file: str | Path, grammar: dict) -> Classifier:
    model = Classifier(*(len(grammar[word]) for word in NAMED))
    model.load_state_dict(load_file(file))
    return model.eval()


def accuracy(model: Classifier, pictures: Pictures) -> dict[str, float]:
    """Part of the pictures whose style, and whose subject, is named right."""
    named = model.name(small_pixels(pictures, np.arange(len(pictures))))
    wanted = named_labels(pictures)
    return {word: (named[i] == wanted[:, i]).float().mean().item() for i, word in enumerate(NAMED)}


def named_labels(pictures: Pictures) -> torch.Tensor:
    """(count, 2): style and subject."""
    return torch.from_numpy(pictures.labels()[:, [ATTRIBUTES.index(word) for word in NAMED]])
