"""Job `train-dpo`: from preference pairs to an adapter that was measured."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from diffusers.models.attention_processor import AttnProcessor

from hamlet_sidecar.artifacts import write_artifact
from hamlet_sidecar.checkpoint import load_checkpoint, save_checkpoint
from hamlet_sidecar.device import device
from hamlet_sidecar.diffusion.sample import load_pipeline
from hamlet_sidecar.dpo.adapter import save_adapter, weights_of
from hamlet_sidecar.dpo.curves import curves_svg
from hamlet_sidecar.dpo.encoded import encode
from hamlet_sidecar.dpo.grid import grid_png
from hamlet_sidecar.dpo.guards import Stop, judge_look, judge_steps
from hamlet_sidecar.dpo.looks import Easel, compare, look, prompts_for
from hamlet_sidecar.dpo.memory import peak_memory_mb
from hamlet_sidecar.dpo.objective import Noising
from hamlet_sidecar.dpo.pair_set import PairSet, read_pair_set
from hamlet_sidecar.dpo.scorers.open import open_scorer
from hamlet_sidecar.dpo.scorers.port import Scorer
from hamlet_sidecar.dpo.spec import complete
from hamlet_sidecar.dpo.strength import choose_strength
from hamlet_sidecar.dpo.training import Training
from hamlet_sidecar.errors import SidecarError

SHOWN = 8


def run(spec: dict[str, Any], job) -> dict[str, Any]:
    """spec: {pairs, diffusion, clip, scorer, judges?, …} (spec.py has the rest) → artifact `dpo-adapter`."""
    spec = complete(spec)
    pairs = read_pair_set(job.path(spec['pairs']))
    manifest = json.loads((job.path(spec['pairs']) / 'manifest.json').read_text())
    clip = open_scorer({'name': 'clip-score', 'weights': spec['clip']}, job)
    judge = open_scorer(spec['scorer'], job)
    others = [open_scorer(asked, job) for asked in spec.get('judges', [])]
    pipeline = open_pipeline(job.path(spec['diffusion']))
    done = fit(pairs, pipeline, judge, clip, spec, job)
    verdict = measure(done['easel'], pairs, [judge, clip, *others], spec['verdict'], job)
    figures = {**done['report'], 'verdict': verdict['figures']}
    artifact = write_artifact(
        job.artifacts,
        'dpo-adapter',
        f'{manifest["version"][:8]}-{job.job_id[-12:]}',
        adapter_files(pipeline.unet, spec, done, verdict, job.checkpoint),
        contract='hamlet-dpo-adapter/1',
        dataset={'digest': manifest['version'], 'source': pairs.source, 'pairs': len(pairs.pairs)},
        parameters={name: value for name, value in spec.items() if isinstance(value, str | int | float)},
        metrics=figures,
        seeds=[spec['seed']],
    )
    return {'artifact': artifact.name, 'pairsFrom': pairs.source, 'scoredBy': pairs.score, **figures}


def open_pipeline(folder: Path):
    """Raises SidecarError `diffusion-missing`."""
    if not (folder / 'model_index.json').is_file():
        raise SidecarError('diffusion-missing', f'{folder.name} is no Stable Diffusion folder of diffusers')
    pipeline = load_pipeline(folder)
    pipeline.vae.requires_grad_(False)
    pipeline.text_encoder.requires_grad_(False)
    if device().kind == 'cpu':
        # Fused attention's backward pass takes twice the time of the plain sum there, at these sizes.
        pipeline.unet.set_attn_processor(AttnProcessor())
    return pipeline


def fit(pairs: PairSet, pipeline, judge: Scorer, clip: Scorer, spec: dict, job) -> dict:
    """Trains, looks each N steps, and leaves the best adapter on the UNet, as strong as CLIP score allows."""
    began = time.perf_counter()
    encoded = encode(pairs, pipeline, job)
    encoding = time.perf_counter() - began
    training = Training(pipeline.unet, encoded, Noising(pipeline.scheduler), spec, job)
    path = job.checkpoint / 'dpo.pt'
    state = load_checkpoint(path, spec)
    best: dict = {'passed': False, 'winRate': -1.0, 'step': 0, 'weights': {}}
    looks: list[dict] = []
    if state:
        training.resume(state)
        best, looks = state['best'], state['looks']
    easel = Easel(pipeline, spec)
    prompts = prompts_for(pairs.held_out, spec['looks'])
    base = easel.draw_base(prompts, job)
    stop, drawn = None, base
    while training.step < spec['steps'] and stop is None:
        figures = training.one_step()
        job.progress(
            training.step / (spec['steps'] + 1), step=training.step, winRate=best['winRate'], **figures
        )
        stop = judge_steps(training.curve)
        if training.step % spec['evaluateEvery'] == 0 or training.step == spec['steps'] or stop:
            seen = look(easel, judge, clip, prompts, base, job)
            looks.append({'step': training.step, **seen['figures']})
            guarded = judge_look(seen['figures'])
            stop = stop or guarded
            rank = [guarded is None, seen['figures']['winRate']]
            if keepable(guarded, spec) and rank > [best['passed'], best['winRate']]:
                best = {
                    'passed': guarded is None,
                    'winRate': seen['figures']['winRate'],
                    'step': training.step,
                    'weights': weights_of(pipeline.unet),
                }
                drawn = seen['drawn']
            job.log(
                f'step {training.step}: win rate {seen["figures"]["winRate"]:.2f} on {len(prompts)} held-out prompts'
            )
            save_checkpoint(path, {'spec': spec, **training.state(), 'best': best, 'looks': looks})
    if not best['weights']:
        raise SidecarError('nothing-learned', f'no adapter passed: {stop.message if stop else "no look"}')
    pipeline.unet.eval()
    strength = choose_strength(easel, clip, pairs.held_out, best['weights'], spec, job)
    if not (best['passed'] or strength['passed']):
        raise SidecarError(
            'nothing-learned', 'at no strength do its pictures fit their prompts as the base’s do'
        )
    stepping = sum(training.seconds.values())
    report = {
        **{'steps': training.step, 'bestStep': best['step'], 'lookWinRate': best['winRate']},
        'strength': strength,
        'stopped': {'code': stop.code, 'message': stop.message} if stop else None,
        'events': training.events,
        'secondsEncoding': round(encoding, 2),
        'secondsAStep': {name: round(value / training.step, 4) for name, value in training.seconds.items()},
        'stepsPerSecond': round(training.step / stepping, 3),
        'referenceComputed': round(training.known.computed / max(1, training.known.asked), 3),
        'peakMemoryMB': peak_memory_mb(),
        'device': device().name,
    }
    grid = grid_png([base[:SHOWN], (drawn if drawn is not None else base)[:SHOWN]])
    return {
        'report': report,
        'curve': training.curve,
        'looks': looks,
        'grid': grid,
        'easel': easel,
        'best': best,
    }


def keepable(guarded: Stop | None, spec: dict) -> bool:
    """What only fits its prompts too little may fit them at less than its full strength; what passes comes first."""
    return guarded is None or (guarded.code == 'clip-inferior' and len(spec['strengths']) > 1)


def measure(easel: Easel, pairs: PairSet, judges: list[Scorer], count: int, job) -> dict:
    """The verdict: `count` pairs of pictures of held-out prompts from the same seeds."""
    prompts = prompts_for(pairs.held_out, count)
    base, tuned = easel.draw_base(prompts, job), easel.draw(prompts, job)
    figures = compare(judges, base, tuned, prompts)
    for name, version in pairs.score.items():
        if name in figures:
            figures[name]['madeThePairs'] = version
    return {'figures': figures, 'base': base, 'tuned': tuned, 'prompts': prompts}


def adapter_files(unet, spec: dict, done: dict, verdict: dict, scratch: Path) -> dict[str, bytes | Path]:
    metadata = {
        'base_model': Path(spec['diffusion']).name,
        'method': 'Diffusion-DPO',
        'beta': str(spec['beta']),
        'strength': str(done['report']['strength']['chosen']),
    }
    save_adapter(unet, spec['rank'], metadata, scratch)
    curve = {'steps': done['curve'], 'looks': done['looks']}
    shown = np.linspace(0, len(verdict['base']) - 1, min(SHOWN, len(verdict['base']))).astype(int)
    return {
        'adapter.safetensors': scratch / 'adapter.safetensors',
        'curves.json': json.dumps(curve).encode(),
        'curves.svg': curves_svg(done['curve'], done['looks']).encode(),
        'look.png': done['grid'],
        'before-after.png': grid_png([verdict['base'][shown], verdict['tuned'][shown]]),
    }
