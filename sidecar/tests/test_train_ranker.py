import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from plain_job import PlainJob

from hamlet_sidecar.artifacts import read_manifest, verify_files
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.ranker import fit, train
from hamlet_sidecar.ranker.comparison import compare, dcg

NAMES = ['similar', 'taste', 'fresh']
PLACES = 12
ATTENTION = 0.75 ** np.arange(PLACES)
MIDDLE = 0.4


BLEND = {'similar': 2, 'elsewhere': 1}


def write_log(folder: Path, lists: int, decides: int = 1, shuffled: bool = False, seed: int = 1) -> str:
    """Lists in the order of `similar`, as the blend says; what is done with them is decided by one feature and by
    attention alone.

    `shuffled`: deeds at places that attention gave them, and nothing else did.
    """
    random = np.random.default_rng(seed)
    rows = []
    for number in range(lists):
        features = random.integers(0, 256, (PLACES, len(NAMES)), dtype=np.uint8)
        features = features[np.argsort(-features[:, 0].astype(int) + random.normal(0, 40, PLACES))]
        liking = 1 / (1 + np.exp(-8 * (features[:, decides] / 255 - 0.7)))
        acted = random.random(PLACES) < ATTENTION * (random.permutation(liking) if shuffled else liking)
        rows.append(
            {
                'user': number % 60,
                'at': number,
                'names': json.dumps(NAMES),
                'features': features.tobytes().hex(),
                # The last two places were never shown.
                'outcomes': json.dumps([float(one) for one in acted[:-2]] + [None, None]),
                'scores': json.dumps((features[:, 0] / 255).tolist()),
            }
        )
    name = f'impressions-{lists}-{decides}-{shuffled}'
    (folder / name).mkdir(parents=True)
    parquet.write_table(pa.Table.from_pylist(rows), folder / name / 'lists.parquet')
    data = (folder / name / 'lists.parquet').read_bytes()
    told = {'dataset': {'digest': 'd'}, 'parameters': {'blend': json.dumps(BLEND)}}
    files = {'lists.parquet': {'sha256': hashlib.sha256(data).hexdigest(), 'bytes': len(data)}}
    (folder / name / 'manifest.json').write_text(json.dumps({**told, 'files': files}))
    return name


@pytest.fixture(scope='module')
def trained(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp('ranker')
    spec = {'impressions': write_log(folder, 1200), 'seed': 1}
    return folder, spec, train.run(spec, PlainJob(folder))


def test_what_decides_is_found_and_what_only_stood_higher_is_not(trained):
    _, _, result = trained
    effects = result['effects']
    assert effects['taste'] > 4
    assert abs(effects['similar']) < 0.2 * effects['taste'], 'its places were looked at more, that is all'
    assert abs(effects['fresh']) < 0.2 * effects['taste']


def test_where_a_place_alone_brought_deeds_a_plain_count_would_be_misled(trained):
    folder, spec, _ = trained
    learned = train.read_impressions(folder / spec['impressions'])
    acted = np.corrcoef(learned.features[:, 0], learned.outcomes)[0, 1]
    assert acted > 0.1, 'the log does speak for `similar`, as long as nobody asks where it stood'


def test_how_far_down_people_look_is_found_beside_it(trained):
    _, _, result = trained
    for place, chance in enumerate(ATTENTION[:7]):
        assert abs(result['attention'][place] - chance) < 0.2, place


def test_it_is_better_than_the_order_that_served_and_says_by_how_much(trained):
    comparison = trained[2]['comparison']
    assert comparison['ci95'][0] > 0.03
    assert comparison['challenger'] > comparison['champion']
    assert comparison['lists'] <= 240


def test_its_artifact_orders_items_by_what_decides(trained):
    folder, _, result = trained
    artifact = folder / result['artifact']
    manifest = read_manifest(artifact)
    verify_files(artifact, manifest)
    assert (manifest['kind'], manifest['contract']) == ('ranker-image', 'ranker/1')
    assert manifest['parameters']['features'] == 'similar taste fresh'
    session = onnxruntime.InferenceSession(artifact / 'ranker.onnx')
    rising = np.full((20, 3), MIDDLE, np.float32)
    rising[:, 1] = np.linspace(0, 1, 20)
    [scores] = session.run(None, {'features': rising})
    assert (np.diff(scores) > 0).all()
    assert ((scores > 0) & (scores < 1)).all()


def test_the_same_seed_makes_the_same_artifact(tmp_path: Path):
    spec = {'impressions': write_log(tmp_path, 200), 'model': 'linear'}
    once, again = (train.run(spec, PlainJob(tmp_path))['artifact'] for _ in range(2))
    assert once == again


def test_deeds_that_nothing_decided_make_no_better_order(tmp_path: Path):
    spec = {'impressions': write_log(tmp_path, 600, shuffled=True), 'model': 'linear'}
    result = train.run(spec, PlainJob(tmp_path))
    assert result['comparison']['ci95'][0] <= 0
    assert max(map(abs, result['effects'].values())) < 1


@pytest.mark.parametrize('lists', [0, 1, 20])
def test_a_log_that_teaches_nothing_is_refused(lists: int, tmp_path: Path):
    with pytest.raises(SidecarError) as refused:
        train.run({'impressions': write_log(tmp_path, lists)}, PlainJob(tmp_path))
    assert refused.value.code == 'dataset-empty'


def test_a_loss_that_is_no_number_stops_it_with_the_reason(tmp_path: Path, monkeypatch):
    real = fit.losses_of
    monkeypatch.setattr(fit, 'losses_of', lambda *given: real(*given) * float('nan'))
    with pytest.raises(SidecarError, match='the loss of blend became nan') as stopped:
        train.run({'impressions': write_log(tmp_path, 100)}, PlainJob(tmp_path))
    assert stopped.value.code == 'loss-not-finite'
    assert not list(tmp_path.glob('ranker-*'))


def test_where_the_blend_is_right_few_lists_do_not_lead_away_from_it(tmp_path: Path):
    spec = {'impressions': write_log(tmp_path, 100, decides=0), 'model': 'linear'}
    result = train.run(spec, PlainJob(tmp_path))
    assert result['comparison']['difference'] > -0.02
    others = [abs(result['effects'][name]) for name in ('taste', 'fresh')]
    assert max(others) < 0.4 * result['effects']['similar']


def test_what_the_blend_leaves_out_is_learned_beside_it(trained):
    _, _, result = trained
    assert result['model'] != 'blend'
    assert result['validation']['linear'] < result['validation']['blend'] - 0.1


def test_a_ranker_that_learned_nothing_has_the_order_of_the_blend(tmp_path: Path):
    spec = {'impressions': write_log(tmp_path, 100), 'model': 'blend'}
    comparison = train.run(spec, PlainJob(tmp_path))['comparison']
    assert comparison['difference'] == pytest.approx(0, abs=1e-9)


def test_having_been_shown_first_is_no_merit_to_who_compares(tmp_path: Path):
    log = train.read_impressions(tmp_path / write_log(tmp_path, 1500, decides=2))
    assert np.corrcoef(log.scores, log.positions)[0, 1] < -0.5, 'what served put its own first'
    comparison = compare(log, log.features[:, 1], ATTENTION, 1)
    low, high = comparison['ci95']
    assert low < 0 < high, 'neither knows anything of what decides'
    assert high - low < 0.1


def test_equal_scores_share_their_places():
    gains = np.array([1.0, 0.0, 0.0])
    assert dcg(gains, np.zeros(3)) == pytest.approx((1 + 1 / np.log2(3) + 0.5) / 3)
    assert dcg(gains, np.array([2.0, 1.0, 0.0])) == 1
