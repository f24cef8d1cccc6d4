"""The whole report at sizes of seconds: that each of its tables is there, and how topics are pooled."""

import hashlib
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from planted_pictures import COLOURS
from planted_preference import Job, write_models
from safetensors.torch import save_file

from hamlet_sidecar.classifier.model import Classifier
from hamlet_sidecar.dpo.intervals import bootstrap, stratified
from hamlet_sidecar.dpo.pairs import select
from hamlet_sidecar.dpo.report import studio
from hamlet_sidecar.dpo.report.planted import plant, three_users
from hamlet_sidecar.dpo.report.pooled import kept, pooled
from hamlet_sidecar.dpo.report.recipes import compared
from hamlet_sidecar.dpo.report.report import run
from hamlet_sidecar.pictures import read_pictures

TOPIC, USERS = 'top', ('one', 'opposite', 'orthogonal')
STYLES = {f'style-{n}': [f'stripes of {n}'] for n in range(16)}
GRAMMAR = {
    **{'subject': {TOPIC: ['a square at the top']}, 'style': STYLES},
    'palette': {'ember': ['burning red'], 'tide': ['deep blue']},
    **{'composition': {'centred': ['centred composition']}, 'medium': {'paper': ['on paper']}},
}
SPEC = {
    **{
        'renders': 'renders',
        'diffusion': 'diffusion',
        'clip': 'clip',
        'classifier': 'classifier.safetensors',
    },
    **{
        'topics': [TOPIC],
        'pairs': 24,
        'steps': 1,
        'verdict': 4,
        'looks': 1,
        'samplerSteps': 1,
        'trainings': 2,
    },
    **{'rank': 2, 'precision': 'f32', 'evaluateEvery': 1, 'learningRate': 1e-6},
    **{'strengths': [1.0, 0.5], 'strengthLooks': 2},
}


def write_renders(folder: Path, times: int = 6, size: int = 64) -> None:
    """A style is the width of its stripes and the side they stand on."""
    folder.mkdir()
    random = np.random.default_rng(1)
    pixels, lines = [], []
    for number, style, palette in itertools.product(range(times), STYLES, GRAMMAR['palette']):
        width = 2 + 2 * (int(style[6:]) // 2)
        field = np.broadcast_to((np.arange(size) + random.integers(16)) // width % 2 * 60, (size, size))
        field = field.T if int(style[6:]) % 2 else field
        pixels.append(np.clip(np.array(COLOURS[palette]) - field[:, :, None], 0, 255).astype(np.uint8))
        words = {'style': style, 'palette': palette, 'composition': 'centred', 'medium': 'paper'}
        said = [GRAMMAR[attribute][word][0] for attribute, word in {'subject': TOPIC, **words}.items()]
        named = {'id': f'{style}.{palette}.{number}', 'subject': TOPIC, **words}
        lines.append(json.dumps({**named, 'prompt': ', '.join(said)}))
    whole = np.stack(pixels).tobytes()
    (folder / 'pixels.u8').write_bytes(whole)
    (folder / 'pictures.jsonl').write_text('\n'.join(lines) + '\n')
    manifest = {'count': len(lines), 'size': size, 'sha256': hashlib.sha256(whole).hexdigest()}
    (folder / 'manifest.json').write_text(json.dumps({**manifest, 'grammar': GRAMMAR}))


def sees_nothing(patch: pytest.MonkeyPatch) -> None:
    """An untrained CLIP cannot say which picture fits a prompt, nor which look the same; it is not asked."""
    patch.setattr(select, 'NEARLY_THE_SAME', 2.0)
    patch.setattr(select.Seen, 'fit', lambda *_: 0.0)
    patch.setattr(studio, 'TAUGHT', 60)
    patch.setattr(studio, 'ASKED', 20)


@pytest.fixture(scope='module')
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    folder = tmp_path_factory.mktemp('report')
    write_models(folder)
    write_renders(folder / 'renders')
    (folder / 'checkpoint').mkdir()
    save_file(Classifier(len(STYLES), 1).state_dict(), folder / 'classifier.safetensors')
    with pytest.MonkeyPatch.context() as patch:
        sees_nothing(patch)
        result = run(SPEC, Job(folder))
    file = folder / 'checkpoint' / 'report.json'
    assert result['report'].endswith('report.json')
    return json.loads(file.read_text()), folder


def test_every_source_is_trained_on_as_many_pairs_and_judged_by_the_oracle(told):
    rows = told[0]['sources'][TOPIC]
    assert set(rows) == {'crowd', 'hps-min-max', 'implicit', 'both'}
    assert len({row['pairs'] for row in rows.values()}) == 1
    for source, row in rows.items():
        mean, low, high = row['judged']['oracle']['winRate']
        assert 0 <= low <= mean <= high <= 1
        assert ('madeThePairs' in row['judged']['preference']) == (source in ('hps-min-max', 'both'))
        assert 'each' not in row['judged']['oracle'], 'single pairs are not for reading'


def test_topics_are_pooled_and_say_whether_clip_score_is_non_inferior(told):
    for of_all in told[0]['pooled'].values():
        assert of_all['pairs'] == SPEC['verdict']
        assert of_all['clipScore']['nonInferior'] == (of_all['clipScore']['lowestOfBase'] >= -0.01)
    assert set(told[0]['clipOfTopics'][TOPIC]['implicit']) >= {'difference', 'lowestOfBase'}


def test_each_users_adapter_is_judged_by_all_three_tastes(told):
    adapters = told[0]['users']['adapters']
    assert set(adapters) == set(USERS)
    assert all(set(USERS) <= set(row['judged']) for row in adapters.values())
    assert -1 < told[0]['users']['correlations']['one'][1] < -0.3


def test_recipes_say_what_a_step_costs_and_the_papers_table_stands_beside(told):
    recipes = told[0]['recipes']
    assert {'read', 'latents', 'text', 'reference', 'policy'} <= set(
        recipes['publicWithOurRates'][0]['breakdown']
    )
    assert recipes['oursWithReferenceCache']['training']['referenceComputed'] <= 1
    scenery = told[0]['paper']['rows']['scenery']
    assert scenery['ImageGem large']['clipScore'] < scenery['base']['clipScore']
    assert '2510.18433' in told[0]['paper']['source']


def test_recipes_are_compared_over_several_trainings_on_the_same_pictures(told):
    recipes = told[0]['recipes']
    assert len(recipes['ours']) == len(recipes['publicWithOurRates']) == SPEC['trainings']
    for side, rows in (('ours', 'ours'), ('public', 'publicWithOurRates')):
        rates = [row['judged']['oracle']['winRate'][0] for row in recipes[rows]]
        assert recipes['compared']['winRates'][side] == rates
        assert recipes['compared']['winRate'][side][0] == pytest.approx(np.mean(rates), abs=1e-3)
    assert len({row['judged']['clip-score']['base'] for row in recipes['ours']}) == 1


def test_a_recipe_whose_pictures_are_better_is_told_apart_from_one_whose_are_not():
    before = np.linspace(0, 1, 100)

    def trainings(*gains: float) -> list[dict]:
        each = [{'each': [before.tolist(), (before + gain).tolist()], 'winRate': [0.5]} for gain in gains]
        return [{'judged': {'oracle': one, 'clip-score': one}} for one in each]

    found = compared(trainings(0.1, 0.3), trainings(-0.1, 0.1))
    assert found['winRate']['difference'] == [0.5, 0.5, 0.5]
    assert found['oracle']['ours'][0] == pytest.approx(0.2)
    assert found['oracle']['difference'][0] == pytest.approx(0.2)


def test_a_report_makes_only_the_tables_that_are_asked_for(told, monkeypatch):
    sees_nothing(monkeypatch)
    run({**SPEC, 'only': ['users']}, Job(told[1]))
    report = json.loads((told[1] / 'checkpoint' / 'report.json').read_text())
    assert report['users'] == told[0]['users']
    assert not {'sources', 'recipes'} & set(report)


def test_what_is_known_is_not_done_again(told, monkeypatch):
    def nothing(*_, **__):
        raise AssertionError('a row was made twice')

    sees_nothing(monkeypatch)
    monkeypatch.setattr(studio.Studio, 'train', nothing)
    assert run(SPEC, Job(told[1]))['report']


def test_tastes_of_the_three_are_narrow_opposite_and_apart(told):
    planted = plant(read_pictures(told[1] / 'renders'), (TOPIC,), 1)
    one, opposite, orthogonal = (three_users(planted, 1)[name] for name in USERS)
    loved = [set(np.flatnonzero(taste >= 0.6)) for taste in (one, opposite, orthogonal)]
    assert [len(styles) for styles in loved] == [3, 3, 3]
    assert set(np.flatnonzero(one == 0)) == loved[1]
    assert set(np.flatnonzero(opposite == 0)) == loved[0]
    assert not loved[2] & (loved[0] | loved[1])


def test_pooling_weighs_topics_alike_and_narrows_the_interval():
    random = np.random.default_rng(1)
    small, large = random.normal(1, 1, 50), random.normal(3, 1, 500)
    mean, low, high = stratified([small, large])
    assert mean == pytest.approx((small.mean() + large.mean()) / 2, abs=1e-4)
    assert high - low < bootstrap(small)[2] - bootstrap(small)[1]
    assert stratified([small]) == bootstrap(small)


def test_clip_score_is_kept_where_its_lower_bound_is_within_one_percent():
    before = np.full(200, 0.4)
    noise = np.random.default_rng(1).normal(0, 0.01, 200)
    judged = [{'each': [before.tolist(), (before + shift + noise).tolist()]} for shift in (0.0, -0.01)]
    assert kept(judged[:1])['nonInferior']
    assert not kept(judged[1:])['nonInferior']
    rows = {
        topic: {'implicit': {'judged': {'oracle': one, 'clip-score': one}}}
        for topic, one in zip('ab', judged, strict=True)
    }
    assert pooled(rows, 'implicit')['clipScore']['difference'][0] == pytest.approx(-0.005, abs=0.002)
