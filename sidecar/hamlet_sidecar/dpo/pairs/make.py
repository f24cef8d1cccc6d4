"""Job `make-dpo-pairs`: from the api's pool of pictures and showings to a set of preference pairs."""

from typing import Any

import numpy as np
from safetensors.numpy import save

from hamlet_sidecar.artifacts import read_manifest, write_artifact
from hamlet_sidecar.dpo.grid import grid_png
from hamlet_sidecar.dpo.pair_set import PairSet
from hamlet_sidecar.dpo.pairs.candidates import SURE, by_rates, min_max, of_one_person, standardised
from hamlet_sidecar.dpo.pairs.clusters import about_topic, cluster_prompts
from hamlet_sidecar.dpo.pairs.examination import examination_of
from hamlet_sidecar.dpo.pairs.own_taste import FILE, learn_taste, set_aside
from hamlet_sidecar.dpo.pairs.pool import Pool, read_pool
from hamlet_sidecar.dpo.pairs.rates import like_rates
from hamlet_sidecar.dpo.pairs.select import Seen, select
from hamlet_sidecar.dpo.scorers.clip_scores import ClipScorer
from hamlet_sidecar.dpo.scorers.open import open_scorer
from hamlet_sidecar.dpo.scorers.port import Scorer
from hamlet_sidecar.errors import SidecarError

DEFAULTS = {'count': 200, 'clusterOf': 'opening', 'seed': 1}
ON_SHEET = 12


def run(spec: dict[str, Any], job) -> dict[str, Any]:
    """spec: {pool, source, clip, scorer?, user?, topic?, count?, clusterOf?, seed?} → artifact `dpo-pairs`."""
    spec = {**DEFAULTS, **spec}
    pool = read_pool(job.path(spec['pool']))
    clip = open_scorer({'name': 'clip-score', 'weights': spec['clip']}, job)
    needs_score = spec['source'] in ('hps-min-max', 'both')
    if needs_score and 'scorer' not in spec:
        raise SidecarError('spec-invalid', f'/spec/scorer is needed by {spec["source"]}', 400)
    scorer = open_scorer(spec['scorer'], job) if needs_score else None
    job.progress(0.1)
    files: dict[str, bytes] = {}
    if spec['source'] == 'user':
        pool, judging = set_aside(pool)
        taste, told = learn_taste(judging, spec.get('user', -1), clip, spec['seed'])
        files = {} if taste is None else {FILE: taste}
    pairs = make_pairs(pool, clip, scorer, spec, job)
    if spec['source'] == 'user':
        pairs.statistics['setAside'] = told
    dataset = str(read_manifest(job.path(spec['pool']))['dataset']['digest'])
    artifact = write_artifact(
        job.artifacts,
        'dpo-pairs',
        f'{spec["source"]}-{job.job_id[-12:]}',
        {**files_of(pairs), **files},
        contract='hamlet-dpo-pairs/1',
        dataset={'digest': dataset},
        parameters={name: value for name, value in spec.items() if isinstance(value, str | int | float)},
        metrics=pairs.statistics,
        seeds=[spec['seed']],
    )
    return {
        'artifact': artifact.name,
        'source': pairs.source,
        'score': pairs.score,
        'statistics': pairs.statistics,
    }


def make_pairs(pool: Pool, clip: ClipScorer, scorer: Scorer | None, spec: dict, job) -> PairSet:
    """Raises SidecarError `no-clusters`, `all-ties` or `pairs-too-few`."""

    def embed(texts):
        return clip.of_texts(texts).cpu().numpy()

    if 'topic' in spec:
        pool = pool.only(about_topic(pool.prompts, spec['topic'], embed))
    labels = cluster_prompts(pool.prompts, embed, spec['clusterOf'])
    vectors = clip.of_pictures(pool.pixels).cpu().numpy()
    job.progress(0.5)
    random = np.random.default_rng(spec['seed'])
    looked = examination_of(pool.showings)
    rates = like_rates(pool.showings, looked, len(pool.ids))
    own = {'implicit': f'position by {looked.by}'}
    count = spec['count']
    match spec['source']:
        case 'hps-min-max':
            found = min_max(standardised(scorer(pool.pixels, pool.prompts), labels), labels)
            score = {scorer.name: scorer.version}
        case 'both':
            agreed = standardised(scorer(pool.pixels, pool.prompts), labels) + standardised(
                rates.mean, labels
            )
            found, score = (
                min_max(standardised(agreed, labels), labels),
                {
                    scorer.name: scorer.version,
                    **own,
                },
            )
        case 'implicit':
            found, score = by_rates(rates, labels, count, random, SURE), own
        case 'crowd':
            found, score = by_rates(rates, labels, count, random, None), {'crowd': 'mean like rate'}
        case _:
            mine = pool.showings.of(pool.showings.user == spec.get('user', -1))
            found, score = of_one_person(mine, looked, labels, count, random), own
    return select(pool, labels, Seen(vectors, embed), found, spec['source'], score, count, spec['seed'])


def files_of(pairs: PairSet) -> dict[str, bytes]:
    return {
        'pairs.json': pairs.to_json(),
        'pixels.safetensors': save({'pixels': np.ascontiguousarray(pairs.pixels)}),
        'contact-sheet.png': contact_sheet(pairs),
    }


def contact_sheet(pairs: PairSet, bands: int = 3) -> bytes:
    """Bands of winners above their losers, spread over the whole set."""
    shown = np.linspace(0, len(pairs.pairs) - 1, min(bands * ON_SHEET, len(pairs.pairs))).astype(int)
    rows = []
    for first in range(0, len(shown), ON_SHEET):
        some = [pairs.pairs[i] for i in shown[first : first + ON_SHEET]]
        rows += [pairs.pixels[[pair.winner for pair in some]], pairs.pixels[[pair.loser for pair in some]]]
    return grid_png([list(row) for row in rows])
