"""Figures of the shipped weights: `python -m hamlet_sidecar world-check --weights weights --renders DIR`."""

import json
from collections import Counter
from pathlib import Path

from hamlet_sidecar.classifier.train import FILE, accuracy, load_classifier
from hamlet_sidecar.clip.check import check_clip
from hamlet_sidecar.diffusion.check import check_diffusion
from hamlet_sidecar.pictures import read_pictures
from hamlet_sidecar.zoo.agreement import agreement


def world_check(weights: Path, renders: Path) -> dict:
    """`renders`: held-out pictures of 96 px, one of each recipe (`npx hamlet world render --split heldout`)."""
    heldout = read_pictures(renders)
    diffusion = weights / 'diffusion'
    judge = weights / FILE
    cards = [json.loads(path.read_text()) for path in sorted((weights / 'loras' / 'cards').glob('*.json'))]
    return {
        'clip': check_clip(weights / 'clip', heldout),
        'classifier': accuracy(load_classifier(judge, heldout.grammar), heldout),
        'diffusion': check_diffusion(diffusion, judge, heldout.grammar) if diffusion.exists() else None,
        'loras': {
            'count': len(cards),
            'formats': dict(Counter(card['format'] for card in cards)),
            'ranks': dict(sorted(Counter(card['rank'] for card in cards).items())),
            'cosines': agreement(weights / 'loras') if cards else None,
        },
        'weightsBytes': sum(path.stat().st_size for path in weights.rglob('*') if path.is_file()),
    }
