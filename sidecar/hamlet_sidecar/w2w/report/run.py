"""`python -m hamlet_sidecar w2w-report`: every figure of weights2weights on a zoo whose truth is planted."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

from hamlet_sidecar.classifier.train import load_classifier
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.painter import Painter
from hamlet_sidecar.w2w.report.directions import against_clip, against_planted, by_permuted
from hamlet_sidecar.w2w.report.kept import Kept
from hamlet_sidecar.w2w.report.oracle import Oracle
from hamlet_sidecar.w2w.report.pairs import ALPHAS, edit_pairs, style_pairs, told
from hamlet_sidecar.w2w.report.users import edit_for_users
from hamlet_sidecar.w2w.report.zoo import read_zoo

DEFAULTS = {'pairs': 24, 'pictures': 16, 'steps': 10, 'ablationPairs': 6, 'seed': 1}
ABLATION = ('attn_v', 'ff')
PARTS = ('directions', 'edits', 'users', 'ablation', 'orthogonalised')


def w2w_report(
    weights: Path,
    world: Path,
    work: Path,
    sizes: dict | None = None,
    only: Sequence[str] = (),
    method: str = 'whole',
) -> dict:
    """`world`: what the api side knows (grammar, lineages, CLIP's labels, users); `work` keeps partial results.

    `method`: of the space whose directions, edits and users are told. `only`: some of PARTS, where not all are wanted. Raises SidecarError `part-unknown`.
    """
    began = time.monotonic()
    strange = [part for part in only if part not in PARTS]
    if strange:
        raise SidecarError('part-unknown', f'there is no {strange[0]}; there are {", ".join(PARTS)}', 400)
    sizes = {**DEFAULTS, **(sizes or {})}
    told_by_api = json.loads(world.read_text())
    lineages = told_by_api['lineages']
    zoo = read_zoo(weights)
    space = zoo.space(method)
    work.mkdir(parents=True, exist_ok=True)
    directions = Kept(work / 'directions.json', 5 + len(ABLATION))
    painter = Painter(weights / 'diffusion')
    classifier = load_classifier(weights / 'classifier.safetensors', told_by_api['grammar'])
    words, colours = told_by_api['grammar'], told_by_api['colours']
    oracle = Oracle(painter, classifier, words, colours, sizes['pictures'], sizes['seed'], sizes['steps'])
    expected = 2 * (len(ALPHAS) - 1) * sizes['pairs'] + 3 * (2 * sizes['ablationPairs'] + 1)
    expected += 2 + len(told_by_api['users'])
    kept = Kept(work / f'pictures-{sizes["pictures"]}-{sizes["steps"]}-{sizes["seed"]}.json', expected)
    pairs = style_pairs(zoo.styles, sizes['pairs'], sizes['seed'])
    few = pairs[: sizes['ablationPairs']]
    said, users = told_by_api['clipLabels'], told_by_api['users']
    make = {
        'directions': lambda: told_directions(space, zoo, lineages, said, directions),
        'edits': lambda: told_edits(space, zoo, oracle, pairs, kept, sizes['seed']),
        'users': lambda: edit_for_users(space, users, oracle, weights / 'clip', kept),
        'ablation': lambda: ablation(zoo, oracle, few, kept, directions, lineages),
        'orthogonalised': lambda: orthogonalised(space, zoo, oracle, few, kept),
    }
    return {
        'zoo': {'loras': len(zoo.loras), 'layers': len(zoo.layers), 'size': space.layout.size},
        'method': method,
        'sizes': sizes,
        **{part: make[part]() for part in PARTS if not only or part in only},
        'seconds': round(time.monotonic() - began),
    }


def told_directions(space, zoo, lineages, said: dict, kept: Kept) -> dict:
    """Planted labels, CLIP's and permuted ones, and of θ what signs and weights of both sides do."""
    method = space.about['method']
    found = {
        'planted': kept.get(f'{method}:planted', lambda: against_planted(space, zoo, lineages)),
        'permuted': kept.get(f'{method}:permuted', lambda: by_permuted(space, zoo, lineages)),
        'clip': kept.get(f'{method}:clip', lambda: against_clip(space, zoo, lineages, said)),
    }
    if method == 'whole':
        return found
    return {
        **found,
        'rawSigns': kept.get('raw', lambda: against_planted(zoo.space(canonical=False), zoo, lineages)),
        'bothSidesAlike': kept.get(
            'even', lambda: against_planted(zoo.space(left_weight=1.0), zoo, lineages)
        ),
    }


def told_edits(space, zoo, oracle: Oracle, pairs, kept: Kept, seed: int) -> dict:
    edits = edit_pairs(space, zoo, oracle, pairs, kept)
    return {**told(edits, seed), 'pairs': edits}


def orthogonalised(space, zoo, oracle: Oracle, pairs, kept: Kept) -> dict:
    """The same pairs with and without what the directions of the other styles have."""
    ends = (ALPHAS[0], ALPHAS[-1])
    return {
        name: told(edit_pairs(space, zoo, oracle, pairs, kept, alphas=ends, apart=apart))
        for name, apart in (('plain', False), ('apart', True))
    }


def ablation(zoo, oracle: Oracle, pairs, kept: Kept, directions: Kept, lineages) -> dict:
    """The paper's: all layers, values of attention alone, the feed-forward alone; both ways of each pair."""
    table = {}
    for method in ('svd', *ABLATION):
        space = zoo.space(method)
        known = directions.get(
            f'{method}:planted',
            lambda space=space: against_planted(space, zoo, lineages),
        )
        edits = edit_pairs(space, zoo, oracle, pairs, kept, alphas=(ALPHAS[0], ALPHAS[-1]))
        table[method] = {
            **{'layers': len(space.layout.layers), 'size': space.layout.size},
            **{name: known[name] for name in ('balancedAccuracy', 'auc', 'reached')},
            'edits': told(edits),
        }
    return table
