"""Planted users: does the edit that was made for a person suit that person, and better than the others' edits?"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from hamlet_sidecar.clip.check import Clip
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.files import atomic_write_bytes
from hamlet_sidecar.w2w.direction import learn_direction
from hamlet_sidecar.w2w.edit import axes_of, step
from hamlet_sidecar.w2w.preview import grid
from hamlet_sidecar.w2w.report.kept import Kept
from hamlet_sidecar.w2w.report.oracle import Oracle, rounded
from hamlet_sidecar.w2w.report.pairs import share
from hamlet_sidecar.w2w.spaces import Space

ALPHA = 2.0


def edit_for_users(space: Space, users: list[dict], oracle: Oracle, clip: Path, kept: Kept) -> dict:
    """users: {id, styles: planted style → weight, text, vector: CLIP's of the text, labels: LoRA → wanted or not}.

    The edit is made of what the service sees (the text and CLIP's labels), the oracle judges by what was planted.
    """
    method = space.about['method']
    eye = Eye(clip, oracle, kept.file.parent / 'pictures')
    still = torch.zeros(space.dimensions)
    everyone = ','.join(user['id'] for user in users)
    base = kept.get(
        f'{method}:drawn:base:{everyone}', lambda: eye.look('base', space.edited(None, still), users)
    )
    seen, refused = {}, {}
    for user in users:
        try:
            direction = learn_direction(space, 'report', user['id'], user['labels'], {})
        except SidecarError as error:
            refused[user['id']] = error.code
            continue
        moved = step(axes_of(space, 'report', [direction], False), [ALPHA])
        seen[user['id']] = kept.get(
            f'{method}:drawn:{user["id"]}:{everyone}',
            lambda moved=moved, user=user: eye.look(user['id'], space.edited(None, moved), users),
        )
    served = [user for user in users if user['id'] in seen]
    if not served:
        return {'refused': refused}
    return {**judged(served, seen, base, oracle.styles), 'refused': refused}


class Eye:
    """What the oracle sees in the pictures of a LoRA, and each user's text's cosine with them.

    They are left in `folder`, a strip a name, for a judge that is asked elsewhere.
    """

    def __init__(self, clip: Path, oracle: Oracle, folder: Path):
        self.clip, self.oracle, self.folder = Clip(clip), oracle, folder

    def look(self, name: str, lora, users: list[dict]) -> dict:
        oracle = self.oracle
        pixels = oracle.painter.paint(lora, oracle.prompts, oracle.seed, oracle.steps)
        atomic_write_bytes(self.folder / f'{name}.png', grid([pixels], [name], [False]))
        size = self.clip.model.config.vision_config.image_size
        larger = F.interpolate(pixels, size=(size, size), mode='bicubic', antialias=True).clamp(-1, 1)
        squares = ((larger + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        vectors = self.clip.of_pictures(squares)
        cosines = {user['id']: rounded(vectors @ torch.tensor(user['vector'])) for user in users}
        return {**oracle.seen(pixels), 'cosines': cosines}


def judged(users: list[dict], seen: dict[str, dict], base: dict, styles: list[str]) -> dict:
    """A picture suits a user as much as the oracle sees the planted styles in it, by their weights."""

    def suits(user: dict, pictures: dict) -> np.ndarray:
        wanted = np.array([user['styles'].get(style, 0.0) for style in styles])
        return np.array(pictures['styles']) @ wanted

    people, wins, clip_wins, own_first, own_better = [], 0, 0, 0, 0
    for user in users:
        own, before = suits(user, seen[user['id']]), suits(user, base)
        better = own > before
        closer = np.array(seen[user['id']]['cosines'][user['id']]) > np.array(base['cosines'][user['id']])
        means = {other: float(suits(user, pictures).mean()) for other, pictures in seen.items()}
        best = max(means, key=means.get) == user['id']
        own_better += sum(means[user['id']] > means[other] for other in means)
        wins, clip_wins, own_first = wins + better.sum(), clip_wins + closer.sum(), own_first + best
        people.append(
            {
                **{'id': user['id'], 'text': user['text'], 'planted': user['styles']},
                'oracle': {**share(int(better.sum()), len(better)), 'before': float(before.mean().round(4))},
                'clip': share(int(closer.sum()), len(closer)),
                'suitedByEditOf': {other: round(mean, 4) for other, mean in means.items()},
                'ownEditBest': best,
            }
        )
    pictures = sum(len(base['recognised']) for _ in users)
    return {
        'alpha': ALPHA,
        'oracle': share(int(wins), pictures),
        'clip': share(int(clip_wins), pictures),
        'ownEditBest': [int(own_first), len(users)],
        # Of a person and one of the others at a time.
        'ownEditBetter': [own_better, len(users) * (len(seen) - 1)],
        'users': people,
    }
