"""The tables of the report: sources of pairs, and users."""

import numpy as np

from hamlet_sidecar.dpo.grid import grid_png
from hamlet_sidecar.dpo.pair_set import PairSet
from hamlet_sidecar.dpo.pairs.make import make_pairs
from hamlet_sidecar.dpo.pairs.pool import Pool
from hamlet_sidecar.dpo.report.planted import PAGES, PEOPLE, community, live, three_users, topic_pool
from hamlet_sidecar.dpo.report.studio import Studio, asked_prompts
from hamlet_sidecar.files import atomic_write_bytes

SOURCES = ('crowd', 'hps-min-max', 'implicit', 'both')
SHOWN = 10
USERS_PAGES = 30


def sources_of(studio: Studio, topic: str) -> dict:
    """A row a source, all with as many pairs, judged on the same prompts and seeds."""
    spec, planted = studio.spec, studio.planted
    sets = pair_sets(studio, topic)
    fewest = min(len(pairs.pairs) for pairs in sets.values())
    prompts = asked_prompts(sets['implicit'], spec['verdict'])
    base = studio.base(prompts, topic)
    tastes = {'oracle': planted.communities[topic], 'populationOracle': planted.population}
    rows = {}
    for source, pairs in sets.items():

        def row(source: str = source, pairs: PairSet = pairs) -> dict:
            easel, report = studio.train(first_pairs(pairs, fewest))
            figures, tuned = studio.judge(easel, prompts, base, tastes)
            if 'preference' in pairs.score:
                figures['preference']['madeThePairs'] = True
            keep_grid(studio, f'{topic}-{source}', base, tuned)
            return {'pairs': fewest, 'judged': figures, 'training': report, 'statistics': pairs.statistics}

        rows[source] = studio.once(f'{topic}-{source}', row)
    return rows


def pair_sets(studio: Studio, topic: str) -> dict[str, PairSet]:
    """implicit, both: the community's log. crowd: a log of all people. HPS: the stand-in's scores."""
    planted, seed = studio.planted, studio.spec['seed']
    pool, styles = topic_pool(studio.pictures, topic, studio.spec['side'])
    number = list(planted.communities).index(topic)
    own = community(planted.communities[topic], PEOPLE, seed * 100 + number)
    third = PEOPLE // len(planted.communities)
    everybody = np.concatenate(
        [community(taste, third, seed * 200 + n) for n, taste in enumerate(planted.communities.values())]
    )
    logs = {
        'crowd': live(everybody, styles, PAGES, seed + 1),
        'own': live(own, styles, PAGES, seed + 2),
    }
    sets = {}
    for source in SOURCES:
        log = logs['crowd' if source == 'crowd' else 'own']
        sets[source] = pairs_from(studio, Pool(pool.pixels, pool.ids, pool.prompts, log, {}), source)
    return sets


def pairs_from(studio: Studio, pool: Pool, source: str, user: int = -1) -> PairSet:
    asked = {'source': source, 'count': studio.spec['pairs'], 'clusterOf': 'opening', 'user': user}
    return make_pairs(
        pool, studio.clip, studio.preference, {**asked, 'seed': studio.spec['seed']}, studio.job
    )


def first_pairs(pairs: PairSet, count: int) -> PairSet:
    return PairSet(**{**vars(pairs), 'pairs': pairs.pairs[:count]})


def users_of(studio: Studio, topic: str) -> dict:
    """Win rates of each user's adapter by each user's taste: the diagonal should win."""
    tastes = three_users(studio.planted, studio.spec['seed'])
    pool, styles = topic_pool(studio.pictures, topic, studio.spec['side'])
    log = live(np.stack(list(tastes.values())), styles, USERS_PAGES, studio.spec['seed'] + 7)
    pool = Pool(pool.pixels, pool.ids, pool.prompts, log, {})
    found = {}
    for number, name in enumerate(tastes):

        def row(number: int = number) -> dict:
            pairs = pairs_from(studio, pool, 'user', number)
            prompts = asked_prompts(pairs, studio.spec['verdict'])
            base = studio.base(prompts, topic)
            # The looks' judge knows what all people like: it is not to choose for one of them.
            easel, report = studio.train(pairs, evaluateEvery=studio.spec['steps'])
            figures, tuned = studio.judge(easel, prompts, base, tastes)
            keep_grid(studio, f'user-{list(tastes)[number]}', base, tuned)
            return {'pairs': len(pairs.pairs), 'judged': figures, 'training': report}

        found[name] = studio.once(f'user-{name}', row)
    own = [found[name]['judged'][name]['winRate'][0] for name in tastes]
    other = [found[a]['judged'][b]['winRate'][0] for a in tastes for b in tastes if a != b]
    likeness = np.corrcoef(list(tastes.values()))
    return {
        'tastes': {name: studio.planted.taste(taste) for name, taste in tastes.items()},
        'correlations': dict(zip(tastes, likeness.round(2).tolist(), strict=True)),
        'adapters': found,
        'diagonal': round(float(np.mean(own)), 4),
        'offDiagonal': round(float(np.mean(other)), 4),
    }


def keep_grid(studio: Studio, name: str, base: np.ndarray, tuned: np.ndarray) -> None:
    shown = np.linspace(0, len(base) - 1, min(SHOWN, len(base))).astype(int)
    atomic_write_bytes(studio.job.checkpoint / f'{name}.png', grid_png([base[shown], tuned[shown]]))
