"""`python -m hamlet_sidecar w2w-report`: every figure of weights2weights on a zoo whose truth is planted."""

import json
import time
from pathlib import Path

from hamlet_sidecar.classifier.train import load_classifier
from hamlet_sidecar.w2w.painter import Painter
from hamlet_sidecar.w2w.report.directions import against_clip, against_planted, by_permuted
from hamlet_sidecar.w2w.report.kept import Kept
from hamlet_sidecar.w2w.report.oracle import Oracle
from hamlet_sidecar.w2w.report.pairs import ALPHAS, edit_pairs, style_pairs, told
from hamlet_sidecar.w2w.report.users import edit_for_users
from hamlet_sidecar.w2w.report.zoo import read_zoo

DEFAULTS = {'pairs': 24, 'pictures': 16, 'steps': 10, 'ablationPairs': 6, 'seed': 1}
ABLATION = ('attn_v', 'ff')


def w2w_report(weights: Path, world: Path, work: Path, sizes: dict | None = None) -> dict:
    """`world`: what the api side knows (grammar, lineages, CLIP's labels, users); `work` keeps partial results."""
    began = time.monotonic()
    sizes = {**DEFAULTS, **(sizes or {})}
    told_by_api = json.loads(world.read_text())
    grammar, lineages = told_by_api['grammar'], told_by_api['lineages']
    zoo = read_zoo(weights)
    space = zoo.space()
    work.mkdir(parents=True, exist_ok=True)
    directions = Kept(work / 'directions.json', 5 + len(ABLATION))
    raw = lambda: against_planted(zoo.space(canonical=False), zoo, lineages)  # noqa: E731
    even = lambda: against_planted(zoo.space(left_weight=1.0), zoo, lineages)  # noqa: E731
    report = {
        'zoo': {'loras': len(zoo.loras), 'layers': len(zoo.layers), 'size': space.layout.size},
        'sizes': sizes,
        'directions': {
            'planted': directions.get('planted', lambda: against_planted(space, zoo, lineages)),
            'permuted': directions.get('permuted', lambda: by_permuted(space, zoo, lineages)),
            'clip': directions.get(
                'clip', lambda: against_clip(space, zoo, lineages, told_by_api['clipLabels'])
            ),
            'rawSigns': directions.get('raw', raw),
            'bothSidesAlike': directions.get('even', even),
        },
    }
    classifier = load_classifier(weights / 'classifier.safetensors', grammar)
    painter = Painter(weights / 'diffusion')
    oracle = Oracle(painter, classifier, grammar, sizes['pictures'], sizes['seed'], sizes['steps'])
    expected = 2 * (len(ALPHAS) - 1) * sizes['pairs'] + 3 * (2 * sizes['ablationPairs'] + 1)
    expected += 2 + len(told_by_api['users'])
    name = f'pictures-{sizes["pictures"]}-{sizes["steps"]}-{sizes["seed"]}.json'
    kept = Kept(work / name, expected)
    pairs = style_pairs(zoo.styles, sizes['pairs'], sizes['seed'])
    edits = edit_pairs(space, zoo, oracle, pairs, kept)
    report['edits'] = {**told(edits, sizes['seed']), 'pairs': edits}
    report['users'] = edit_for_users(space, told_by_api['users'], oracle, weights / 'clip', kept)
    report['ablation'] = ablation(zoo, oracle, pairs[: sizes['ablationPairs']], kept, directions, lineages)
    report['orthogonalised'] = orthogonalised(space, zoo, oracle, pairs[: sizes['ablationPairs']], kept)
    return {**report, 'seconds': round(time.monotonic() - began)}


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
            'planted' if method == 'svd' else method,
            lambda space=space: against_planted(space, zoo, lineages),
        )
        edits = edit_pairs(space, zoo, oracle, pairs, kept, alphas=(ALPHAS[0], ALPHAS[-1]))
        table[method] = {
            **{'layers': len(space.layout.layers), 'size': space.layout.size},
            **{name: known[name] for name in ('balancedAccuracy', 'auc', 'reached')},
            'edits': told(edits),
        }
    return table
