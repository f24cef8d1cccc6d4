"""A reduced report, on a few of the LoRAs that ship."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from hamlet_sidecar.w2w.report.pairs import share, style_pairs, verdict
from hamlet_sidecar.w2w.report.palette import PaletteMeter
from hamlet_sidecar.w2w.report.run import w2w_report

WEIGHTS = Path(__file__).parents[2] / 'weights'
STYLES = ('art-deco', 'ink-wash')
STYLES_SEEN = ['a', 'b', 'c']
SIZES = {'pairs': 1, 'pictures': 2, 'steps': 2, 'ablationPairs': 1}


@pytest.fixture(scope='module')
def weights(tmp_path_factory) -> Path:
    """Sixteen LoRAs of each of two styles at most, and the models beside them."""
    folder = tmp_path_factory.mktemp('weights')
    (folder / 'loras/cards').mkdir(parents=True)
    for path in (WEIGHTS / 'loras/cards').glob('*.json'):
        card = json.loads(path.read_text())
        plain = len(card['styles']) == 1 and card['styles'][0]['style'] in STYLES
        if plain and card['format'] in ('kohya', 'diffusers'):
            shutil.copy(path, folder / 'loras/cards')
            (folder / 'loras' / card['file']).symlink_to(WEIGHTS / 'loras' / card['file'])
    for name in ('diffusion', 'clip', 'classifier.safetensors'):
        (folder / name).symlink_to(WEIGHTS / name)
    return folder


def world_of(weights: Path) -> dict:
    cards = [json.loads(path.read_text()) for path in (weights / 'loras/cards').glob('*.json')]
    labels = {card['id']: card['styles'][0]['style'] == STYLES[0] for card in cards}
    grammar = {
        'subject': {'wave': ['a great curling wave'], 'castle': ['a castle on a hill']},
        'style': {style: [style] for style in style_names()},
        'palette': {'tide': ['deep teal and navy sea tones']},
    }
    colours = {'tide': ['#0d3d60', '#93d8cf'], 'ember': ['#55194a', '#fb8f3d']}
    user = {'id': 'user-1', 'styles': {STYLES[0]: 1.0}, 'text': 'art deco', 'labels': labels}
    twisted = {
        name: i % 2 == 0 for i, name in enumerate(sorted(labels, key=lambda name: (labels[name], name)))
    }
    return {
        'grammar': pad_subjects(grammar),
        'colours': colours,
        'lineages': {card['id']: card['id'] for card in cards},
        'clipLabels': {STYLES[0]: labels},
        'users': [
            {**user, 'vector': [1.0] + [0.0] * 63},
            {**user, 'id': 'user-2', 'labels': twisted, 'vector': [1.0] + [0.0] * 63},
        ],
    }


def style_names() -> list[str]:
    cards = (json.loads(path.read_text()) for path in (WEIGHTS / 'loras/cards').glob('*.json'))
    return sorted({card['styles'][0]['style'] for card in cards})


def pad_subjects(grammar: dict) -> dict:
    """The classifier that ships names twelve subjects."""
    more = {f'subject-{i}': [f'a hill {i}'] for i in range(10)}
    return {**grammar, 'subject': {**grammar['subject'], **more}}


def test_a_reduced_report_has_every_figure_and_goes_on_where_it_was(weights, tmp_path):
    (tmp_path / 'world.json').write_text(json.dumps(world_of(weights)))
    work = (weights, tmp_path / 'world.json', tmp_path / 'work', SIZES)
    report = w2w_report(*work, method='svd')
    directions = report['directions']
    assert directions['planted']['balancedAccuracy']['mean'] > 0.85
    assert (
        directions['planted']['balancedAccuracy']['mean'] > directions['rawSigns']['balancedAccuracy']['mean']
    )
    assert report['edits']['rises']['of'] == 2
    assert {'unrelatedStylesShare', 'subjectMovedShare', 'paletteMovedShare'} <= set(report['edits'])
    assert set(report['ablation']) == {'svd', 'attn_v', 'ff'}
    assert [user['id'] for user in report['users']['users']] == ['user-1']
    assert report['users']['refused'] == {'user-2': 'direction-not-found'}
    assert {path.name for path in (tmp_path / 'work/pictures').iterdir()} == {'base.png', 'user-1.png'}
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / 'work').iterdir()}
    again = w2w_report(*work, method='svd')
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / 'work').iterdir()} == kept
    assert again['edits'] == report['edits']
    whole = w2w_report(*work, only=['edits'])
    assert whole['method'] == 'whole' and set(whole) == {'zoo', 'method', 'sizes', 'edits', 'seconds'}
    assert whole['edits']['pairs'] != report['edits']['pairs']


def test_a_fall_beyond_its_error_is_no_rise():
    def seen(*probabilities):
        return {
            'styles': [[p, 0.9 - p, 0.1] for p in probabilities],
            'subject': [1.0] * 3,
            'palette': [0.5] * 3,
            'recognised': [True] * 3,
        }

    rising = verdict([seen(0.1, 0.1, 0.2), seen(0.3, 0.2, 0.3)], 'a', 'b', STYLES_SEEN)
    assert rising['rises'] and rising['gained'] == pytest.approx(0.1333, abs=1e-4)
    falling = verdict(
        [seen(0.1, 0.1, 0.1), seen(0.05, 0.05, 0.05), seen(0.3, 0.3, 0.3)], 'a', 'b', ['a', 'b']
    )
    assert not falling['rises']


def test_a_picture_is_of_the_palette_whose_colours_it_has():
    meter = PaletteMeter({'tide': ['#0d3d60', '#93d8cf'], 'ember': ['#55194a', '#fb8f3d']})
    drawn = torch.tensor([[13, 61, 96], [251, 143, 61]]) / 127.5 - 1
    chances = meter.chances(drawn[:, :, None, None].expand(2, 3, 8, 8))
    assert chances.argmax(1).tolist() == [0, 1]
    assert chances.sum(1) == pytest.approx([1, 1])


def test_pairs_are_the_same_for_a_seed_and_shares_have_wilsons_interval():
    assert style_pairs(['a', 'b', 'c', 'd'], 3, 1) == style_pairs(['a', 'b', 'c', 'd'], 3, 1)
    assert share(8, 10)['interval'] == [0.4902, 0.9433]
