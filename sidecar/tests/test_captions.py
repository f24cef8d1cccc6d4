import re
from pathlib import Path

import numpy as np
import torch
from planted_pictures import write_pictures

from hamlet_sidecar.captions import write_caption
from hamlet_sidecar.clip.loss import contrastive_loss, fits
from hamlet_sidecar.pictures import ATTRIBUTES, read_pictures
from hamlet_sidecar.zoo.data import neutral_caption


def test_a_caption_says_nothing_of_what_it_does_not_mention(tmp_path: Path):
    pictures = read_pictures(write_pictures(tmp_path))
    record = {**pictures.records[0], 'tags': ['top', 'top', 'upright', 'ember']}
    telling = {'subject': 'top', 'style': 'upright stripes', 'palette': 'ember burning red'}
    for seed in range(300):
        caption, mentioned = write_caption(record, pictures.grammar, np.random.default_rng(seed))
        assert mentioned.any()
        for attribute, words in telling.items():
            said = not set(words.split()).isdisjoint(re.findall(r'\w+', caption))
            assert not said or mentioned[ATTRIBUTES.index(attribute)], caption


def test_a_lora_is_never_told_its_style(tmp_path: Path):
    pictures = read_pictures(write_pictures(tmp_path))
    captions = [
        neutral_caption(record, {'trigger': 'sks'}, pictures.grammar, np.random.default_rng(seed))
        for seed, record in enumerate(pictures.records)
    ]
    assert not any('stripes' in caption for caption in captions)
    assert any('sks' in caption for caption in captions)


def test_a_short_caption_fits_every_picture_it_is_true_of():
    labels = torch.tensor([[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0]])
    mentioned = torch.zeros(3, 5, dtype=torch.bool)
    mentioned[0, 0] = mentioned[1, 1] = True
    mentioned[2] = True
    assert fits(mentioned, labels).tolist() == [
        [True, False, True],
        [True, True, False],
        [False, False, True],
    ]


def test_the_loss_is_least_where_texts_lie_on_their_pictures():
    images = torch.eye(4)
    right = contrastive_loss(images, images, torch.tensor(50.0), torch.eye(4, dtype=torch.bool))
    wrong = contrastive_loss(images, images.roll(1, 0), torch.tensor(50.0), torch.eye(4, dtype=torch.bool))
    assert right < 1e-4
    assert wrong > 10
