import json
import sys
import types
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import torch
from planted_pictures import draw
from planted_preference import Job, write_models
from safetensors.numpy import load, save

from hamlet_sidecar.artifacts import read_manifest, write_artifact
from hamlet_sidecar.dpo.pair_set import read_pair_set
from hamlet_sidecar.dpo.pairs.candidates import by_rates, min_max, of_one_person, standardised
from hamlet_sidecar.dpo.pairs.clusters import about_topic, cluster_prompts, parts_of, shared_prompt
from hamlet_sidecar.dpo.pairs.examination import Examination, examination_of
from hamlet_sidecar.dpo.pairs.make import make_pairs, run
from hamlet_sidecar.dpo.pairs.own_taste import learn_taste, set_aside
from hamlet_sidecar.dpo.pairs.pool import Pool, Showings, gather, read_pool
from hamlet_sidecar.dpo.pairs.rates import like_rates
from hamlet_sidecar.dpo.scorers.open import open_scorer
from hamlet_sidecar.errors import SidecarError

PEOPLE, TOPICS = 40, ('harbour', 'orchard')
PALETTES = ('burning red', 'deep blue', 'moss green', 'pale gold')


class Words:
    """Stands in for CLIP: a text is its words, hashed; a picture its number. Similar texts are near."""

    def of_texts(self, texts):
        return _Array(np.stack([_unit(text.lower().split()) for text in texts]))

    def of_pictures(self, pixels):
        return _Array(np.stack([_unit([picture.tobytes()]) for picture in pixels]))


class _Array(np.ndarray):
    def __new__(cls, values):
        return np.asarray(values).view(cls)

    def cpu(self):
        return self

    def numpy(self):
        return np.asarray(self)


def _unit(words) -> np.ndarray:
    total = np.zeros(32)
    for word in words:
        seed = zlib.crc32(word if isinstance(word, bytes) else word.encode())
        total += np.random.default_rng(seed).normal(size=32)
    return total / max(1e-9, np.linalg.norm(total))


def planted_pool(likes=lambda place: place % 2 == 0, people: int = PEOPLE, count: int = 80) -> Pool:
    """Every person looks at all; those who like, like what `likes` says with 9 in 10, else 1 in 10."""
    random = np.random.default_rng(4)
    prompts = [
        f'the {TOPICS[i % 4 // 2]} at dawn, {PALETTES[i // 4 % 4]}, detail {i // 16}' for i in range(count)
    ]
    pixels = random.integers(256, size=(count, 64, 64, 3), dtype=np.uint8)
    user, picture = (part.ravel() for part in np.meshgrid(np.arange(people), np.arange(count)))
    liked = random.random(len(user)) < np.where([likes(place) for place in picture], 0.9, 0.1)
    everywhere = np.ones(len(user), bool)
    log = Showings(
        user, picture, random.integers(12, size=len(user)), np.full(len(user), np.nan), everywhere, liked
    )
    return Pool(pixels, [f'p{i}' for i in range(count)], prompts, log, {'unsafe': 2})


def pairs_of(pool: Pool, source: str, scorer=None, **more):
    spec = {'source': source, 'count': 40, 'clusterOf': 'opening', 'seed': 1, **more}
    return make_pairs(pool, Words(), scorer, spec, Job(Path('/')))


@pytest.mark.parametrize('source', ['implicit', 'user', 'crowd'])
def test_what_is_planted_to_be_liked_wins(source: str):
    pool = planted_pool()
    pairs = pairs_of(pool, source, user=3)
    place = {name: i for i, name in enumerate(pool.ids)}
    right = [
        (place[pairs.ids[pair.winner]] % 2, place[pairs.ids[pair.loser]] % 2) == (0, 1)
        for pair in pairs.pairs
    ]
    # A person likes some of what they like less; a crowd's pairs are any two that differ.
    least = {'implicit': 0.85, 'user': 0.7, 'crowd': 0.4}[source]
    assert np.mean(right) >= least
    assert pairs.statistics['clusters'] == 2
    assert pairs.statistics['leftOut']['unsafe'] == 2


def test_both_sides_of_a_pair_show_the_same_and_its_prompt_is_what_both_say():
    pairs = pairs_of(planted_pool(), 'implicit')
    assert all(
        pair.prompt.split(',')[0] in ('the harbour at dawn', 'the orchard at dawn') for pair in pairs.pairs
    )
    assert (
        not {pair.prompt for pair in pairs.pairs} & set(pairs.held_out) or pairs.statistics['heldOutTrained']
    )


def test_two_pictures_that_look_the_same_make_no_pair():
    pool = planted_pool()
    pool.pixels[:20] = pool.pixels[0]
    pairs = pairs_of(pool, 'crowd')
    assert pairs.statistics['leftOut']['near-identical'] >= 10
    alike = {f'p{i}' for i in range(20)}
    assert not any({pairs.ids[pair.winner], pairs.ids[pair.loser]} <= alike for pair in pairs.pairs)


def test_the_best_and_the_worst_of_a_cluster_come_first_and_ties_are_left_out():
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1, -1])
    scores = np.array([4.0, 1.0, 3.9, 4.0, 10.0, 40.0, 20.0, 30.0, 99.0])
    found = min_max(standardised(scores, labels), labels)
    assert [pair[:3] for pair in found.found] == [(0, 1, 0), (5, 4, 1), (7, 6, 1)]
    assert found.left_out['ties'] == 1


def test_scores_are_comparable_within_a_cluster_only():
    labels, scores = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 50.0, 90.0])
    assert np.allclose(standardised(scores, labels), [-1, 1, -1, 1])


def test_attention_is_found_in_lists_that_were_drawn_by_lot():
    random = np.random.default_rng(1)
    position = random.integers(6, size=20_000)
    propensity = np.full(20_000, 1 / 6)
    seen = random.random(20_000) < 0.7**position
    log = Showings(np.arange(20_000), position, position, propensity, seen, seen)
    found = examination_of(log)
    assert found.by == 'draws'
    assert np.allclose(found.chances, 0.7 ** np.arange(6), atol=0.05)


def test_without_draws_views_tell_it_and_without_views_nothing_does():
    position = np.repeat([0, 1, 2], [600, 300, 150])
    nobody = np.full(len(position), np.nan)
    every = np.ones(len(position), bool)
    log = Showings(np.arange(len(position)), position, position, nobody, every, every)
    assert np.allclose(examination_of(log).chances, [1, 0.5, 0.25])
    assert examination_of(log.of(np.arange(10))).by == 'none'


def test_what_stood_far_down_is_not_thought_to_be_liked_less():
    """Two pictures that are liked alike when seen; one stood where a tenth is seen."""
    looked = Examination(np.array([1.0, 0.1]), 'draws')
    position = np.repeat([0, 1], 1000)
    liked = np.zeros(2000, bool)
    liked[:500], liked[1000:1050] = True, True
    log = Showings(np.arange(2000), position, position, np.full(2000, np.nan), liked.copy(), liked)
    naive, corrected = like_rates(log, Examination(np.ones(1), 'none'), 2), like_rates(log, looked, 2)
    assert naive.mean[0] - naive.mean[1] > 0.4
    assert abs(corrected.mean[0] - corrected.mean[1]) < 0.2


def test_what_one_person_passed_over_far_down_is_drawn_more_seldom_than_what_they_saw():
    looked = Examination(np.array([1.0, 0.5, 0.05]), 'draws')
    nan, no = np.full(3, np.nan), np.array([False, False, False])
    log = Showings(np.zeros(3, int), np.arange(3), np.arange(3), nan, no, np.array([True, False, False]))
    found = of_one_person(log, looked, np.zeros(3, int), 20, np.random.default_rng(1)).found
    losers = [loser for _, loser, *_ in found]
    assert losers.count(1) > 5 * losers.count(2) > 0


def test_equal_rates_are_ties():
    rates = like_rates(planted_pool(lambda _: True).showings, Examination(np.ones(1), 'none'), 80)
    equal = type(rates)(np.full(80, 0.5), rates.variance, rates.exposure)
    found = by_rates(equal, np.zeros(80, int), 10, np.random.default_rng(1), 0.8)
    assert found.found == []
    assert found.left_out['ties'] > 0


def refusal_of(work) -> str:
    with pytest.raises(SidecarError) as refused:
        work()
    return refused.value.code


def test_all_ties_no_clusters_and_too_few_pairs_are_refused_by_name():
    class Indifferent:
        name, version, within_prompt = 'same', '1', False

        def __call__(self, pixels, prompts):
            return np.ones(len(pixels))

    assert refusal_of(lambda: pairs_of(planted_pool(), 'hps-min-max', Indifferent())) == 'all-ties'
    assert refusal_of(lambda: pairs_of(planted_pool(count=8), 'implicit')) in ('no-clusters', 'pairs-too-few')
    assert refusal_of(lambda: pairs_of(planted_pool().only(np.arange(4)), 'implicit')) == 'no-clusters'
    assert refusal_of(lambda: pairs_of(planted_pool(), 'user', user=999)) == 'pairs-too-few'


def test_one_cluster_is_enough():
    assert pairs_of(planted_pool(), 'implicit', topic='harbour').statistics['clusters'] == 1


def test_prompts_in_another_language_are_clustered_like_any_other():
    pool = planted_pool()
    words = {'harbour': '港の夜明け', 'orchard': '果樹園の朝'}
    prompts = [
        '、'.join(words[TOPICS[i % 4 // 2]] if n == 0 else part for n, part in enumerate(parts_of(prompt)))
        for i, prompt in enumerate(pool.prompts)
    ]
    pairs = pairs_of(Pool(pool.pixels, pool.ids, prompts, pool.showings, {}), 'implicit', topic='港')
    assert {pair.prompt.split(',')[0] for pair in pairs.pairs} == {'港の夜明け'}


def test_openings_cluster_where_whole_prompts_scatter():
    random = np.random.default_rng(2)
    styles = [f'style{random.integers(1000)} mood{random.integers(1000)}' for _ in range(60)]
    prompts = [f'a {TOPICS[i % 2]}, {style}' for i, style in enumerate(styles)]
    by_opening = cluster_prompts(prompts, Words().of_texts, 'opening')
    assert sorted(np.bincount(by_opening)) == [30, 30]


def test_a_topic_that_no_prompt_names_takes_the_nearest():
    prompts = [f'a quiet {TOPICS[i % 2]} number {i}' for i in range(40)]
    near = about_topic(prompts, 'harbour quiet boats', Words().of_texts)
    assert {prompts[i].split()[2] for i in near} == {'harbour'}


def test_the_shared_prompt_leaves_out_what_only_one_says_and_orders_to_the_sampler():
    first, second = 'a castle, ink wash, <lora:x:0.8>, at dusk', 'a castle, mosaic,  at dusk'
    assert shared_prompt(first, second, '?') == 'a castle, at dusk'
    assert shared_prompt('a castle', 'a boat', 'a castle') == 'a castle'


def test_a_dislike_takes_a_like_back_and_a_list_alone_is_not_a_look():
    rows = {
        'user': [1, 1, 1, 2, 3],
        'item': [7, 7, 8, 7, 99],
        'type': ['like', 'dislike', 'shown', 'heart', 'like'],
        'position': [4, None, 2, None, 1],
        'propensity': [None, None, 0.25, None, None],
    }
    log = gather(rows, {7: 0, 8: 1})
    assert log.liked.tolist() == [False, False, True]
    assert log.seen.tolist() == [True, False, True]
    assert log.position.tolist() == [4, 2, -1]


def write_pool(folder: Path, count: int = 64) -> str:
    """Level stripes are liked by all; one picture is there twice."""
    random = np.random.default_rng(1)
    subjects, styles = ('top', 'bottom'), ('level', 'upright')
    pixels = np.stack([draw(subjects[i % 2], styles[i // 2 % 2], 'tide', 64, random) for i in range(count)])
    pixels[5] = pixels[1]
    pictures = [
        {'item': i + 1, 'id': f'p{i}', 'prompt': f'a square at the {subjects[i % 2]}, {PALETTES[i // 4 % 4]}'}
        for i in range(count)
    ]
    user, item = (part.ravel() for part in np.meshgrid(np.arange(1, 21), np.arange(1, count + 1)))
    liked = (item - 1) // 2 % 2 == 0
    columns = {
        'user': pa.array(user, pa.int32()),
        'item': pa.array(item, pa.int32()),
        'type': ['like' if one else 'view' for one in liked],
        'position': pa.array([None] * len(user), pa.int32()),
        'propensity': pa.array([None] * len(user), pa.float64()),
    }
    parquet.write_table(pa.table(columns), folder / 'showings.parquet')
    told = {'pictures': pictures, 'leftOut': {'optedOut': 3, 'broken': 1}}
    files = {
        'pool.json': json.dumps(told).encode(),
        'pixels.safetensors': save({'pixels': pixels}),
        'showings.parquet': folder / 'showings.parquet',
    }
    about = {'contract': 'hamlet-dpo-pool/1', 'parameters': {}, 'metrics': {}, 'seeds': []}
    return write_artifact(folder, 'dpo-pool', 'x', files, dataset={'digest': 'log'}, **about).name


def test_the_job_turns_a_pool_into_an_artifact_with_counts_and_a_contact_sheet(tmp_path: Path):
    write_models(tmp_path)
    spec = {'pool': write_pool(tmp_path), 'source': 'implicit', 'clip': 'clip', 'count': 30}
    result = run(spec, Job(tmp_path))
    artifact = tmp_path / result['artifact']
    assert read_manifest(artifact)['dataset']['digest'] == 'log'
    assert (artifact / 'contact-sheet.png').read_bytes().startswith(b'\x89PNG')
    pairs = read_pair_set(artifact)
    assert len(pairs.pairs) == result['statistics']['pairs'] >= 20
    left_out = result['statistics']['leftOut']
    assert (left_out['optedOut'], left_out['broken'], left_out['duplicates']) == (3, 1, 1)


def test_a_persons_pairs_bring_a_judge_made_of_pictures_that_are_in_none(tmp_path: Path):
    write_models(tmp_path)
    spec = {'source': 'user', 'user': 3, 'clip': 'clip', 'count': 30}
    result = run({**spec, 'pool': write_pool(tmp_path, 160)}, Job(tmp_path))
    artifact = tmp_path / result['artifact']
    assert 'taste.safetensors' in read_manifest(artifact)['files']
    assert min(result['statistics']['setAside'].values()) >= 5
    asked = {'name': 'taste', 'weights': f'{result["artifact"]}/taste.safetensors', 'clip': 'clip'}
    judge = open_scorer(asked, Job(tmp_path))
    assert judge.name == 'taste'
    assert judge(np.zeros((2, 64, 64, 3), np.uint8), ['a square', 'a square']).shape == (2,)


def test_the_judge_knows_the_persons_taste_and_its_pictures_are_set_aside_alike_every_time():
    random = np.random.default_rng(5)
    pool = planted_pool(count=160)
    liked, other = random.normal(size=(2, 8))
    vectors = (
        np.array([liked if i % 2 == 0 else other for i in range(160)]) + random.normal(size=(160, 8)) / 2
    )

    class Seeing(Words):
        def of_pictures(self, pixels):
            places = [int(name[1:]) for name in judging.ids]
            return _Array(np.stack([vectors[i] / np.linalg.norm(vectors[i]) for i in places]))

    pairs, judging = set_aside(pool)
    assert not set(pairs.ids) & set(judging.ids)
    assert 20 <= len(judging.ids) <= 60
    assert set_aside(pool)[1].ids == judging.ids
    file, told = learn_taste(judging, 3, Seeing(), 1)
    direction = load(file)['direction']
    assert vectors[::2].mean(0) @ direction > vectors[1::2].mean(0) @ direction
    assert told['liked'] + told['passedOver'] == len(judging.ids)
    assert learn_taste(judging.only(np.arange(3)), 3, Seeing(), 1)[0] is None


def test_a_pool_that_is_not_what_its_manifest_says_is_refused(tmp_path: Path):
    folder = tmp_path / write_pool(tmp_path)
    (folder / 'pixels.safetensors').write_bytes(b'not pictures')
    assert refusal_of(lambda: read_pool(folder)) == 'digest-mismatch'


@pytest.mark.parametrize(
    ('asked', 'says'),
    [
        ({'name': 'pickscore'}, 'PickScore_v1'),
        ({'name': 'hpsv2.1', 'weights': 'hps.pt'}, 'HPS_v2.1_compressed.pt of xswu/HPSv2: put it at hps.pt'),
        ({'name': 'hpsv2.0'}, 'HPS_v2_compressed.pt'),
        ({'name': 'clip-score', 'weights': 'nowhere'}, 'a CLIP folder'),
        ({'name': 'preference', 'weights': 'nowhere.safetensors'}, '`direction`'),
    ],
)
def test_a_scorer_without_weights_says_what_to_put_where(tmp_path: Path, asked: dict, says: str):
    with pytest.raises(SidecarError) as refused:
        open_scorer(asked, Job(tmp_path))
    assert refused.value.code == 'scorer-without-weights'
    assert says in str(refused.value)


def test_hps_needs_open_clip_and_says_how_to_get_it(tmp_path: Path, monkeypatch):
    (tmp_path / 'hps.pt').write_bytes(b'')
    monkeypatch.setitem(sys.modules, 'open_clip', None)
    with pytest.raises(SidecarError, match='pip install open_clip_torch') as refused:
        open_scorer({'name': 'hpsv2.1', 'weights': 'hps.pt'}, Job(tmp_path))
    assert refused.value.code == 'scorer-without-library'


class PlainClip(torch.nn.Module):
    """As open_clip's models are asked: mean colours and word counts, turned by what the checkpoint holds."""

    def __init__(self):
        super().__init__()
        self.turn = torch.nn.Linear(3, 3, bias=False)

    def encode_image(self, planes, normalize):
        return torch.nn.functional.normalize(self.turn(planes.mean((2, 3))), dim=-1)

    def encode_text(self, words, normalize):
        return torch.nn.functional.normalize(words.float(), dim=-1)


def test_hps_is_the_plain_cosine_of_the_model_that_its_checkpoint_holds(tmp_path: Path, monkeypatch):
    asked = []

    def create(name, device):
        asked.append(name)
        return PlainClip(), None, lambda picture: torch.from_numpy(np.array(picture)).permute(2, 0, 1) / 255

    def tokenize(prompts):
        return torch.tensor([[prompt.count(word) for word in ('red', 'green', 'blue')] for prompt in prompts])

    library = types.SimpleNamespace(create_model_and_transforms=create, get_tokenizer=lambda _: tokenize)
    monkeypatch.setitem(sys.modules, 'open_clip', library)
    swapped = torch.eye(3)[[2, 1, 0]]
    torch.save({'state_dict': {'turn.weight': swapped}}, tmp_path / 'hps.pt')
    scorer = open_scorer({'name': 'hpsv2.0', 'weights': 'hps.pt'}, Job(tmp_path))
    pixels = np.zeros((2, 8, 8, 3), np.uint8)
    pixels[0, ..., 0], pixels[1, ..., 1] = 255, 255
    assert np.allclose(scorer(pixels, ['blue', 'blue']), [1, 0], atol=1e-6)
    assert (asked, scorer.version, scorer.within_prompt) == (['ViT-H-14'], '2.0', True)


def test_pick_score_is_the_logit_of_its_clip_and_clip_score_the_cosine(tmp_path: Path):
    write_models(tmp_path)
    job = Job(tmp_path)
    pick, clip = (open_scorer({'name': name, 'weights': 'clip'}, job) for name in ('pickscore', 'clip-score'))
    pixels = planted_pool(count=4).pixels
    scale = pick.model.logit_scale.exp().item()
    assert scale > 2
    assert np.allclose(pick(pixels, ['deep blue'] * 4), scale * clip(pixels, ['deep blue'] * 4), rtol=1e-4)
    assert (pick.name, pick.version) == ('pickscore', 'v1')
