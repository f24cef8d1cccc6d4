import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from planted_preference import Job, level_pairs, write_models, write_pairs
from planted_space import LINEAGES, PLANTED, planted_space
from safetensors.torch import load_file

from hamlet_sidecar.artifacts import read_manifest, verify_files
from hamlet_sidecar.diffusion.models import build_scheduler
from hamlet_sidecar.dpo import guards
from hamlet_sidecar.dpo import train as train_module
from hamlet_sidecar.dpo import training as training_module
from hamlet_sidecar.dpo.adapter import reference, weights_of
from hamlet_sidecar.dpo.encoded import encode
from hamlet_sidecar.dpo.guards import WINDOW, judge_look, judge_steps
from hamlet_sidecar.dpo.objective import Noising, preference_logits, preference_loss, squared_errors
from hamlet_sidecar.dpo.scorers.open import open_scorer
from hamlet_sidecar.dpo.spec import complete
from hamlet_sidecar.dpo.train import fit, open_pipeline, run
from hamlet_sidecar.dpo.training import Training
from hamlet_sidecar.errors import JobCancelled, SidecarError
from hamlet_sidecar.w2w.bases import open_base
from hamlet_sidecar.w2w.direction import learn_direction
from hamlet_sidecar.w2w.edit import axes_of, step
from hamlet_sidecar.w2w.read import read_lora

SPEC = {
    **{'pairs': 'dpo-pairs-test', 'diffusion': 'diffusion', 'clip': 'clip', 'precision': 'f32'},
    'scorer': {'name': 'preference', 'weights': 'preference.safetensors', 'clip': 'clip'},
    **{'steps': 4, 'evaluateEvery': 2, 'looks': 2, 'verdict': 4, 'samplerSteps': 2, 'rank': 2, 'warmup': 1},
    **{'strengths': [1.0], 'batch': 4},
}


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('dpo')
    write_models(folder)
    write_pairs(folder, level_pairs())
    return folder


@pytest.fixture
def fresh(folder: Path):
    """A training that has not begun, by changes to its spec."""

    def begin(job: Job | None = None, **changes) -> Training:
        pipeline = open_pipeline(folder / 'diffusion')
        encoded = encode(level_pairs(), pipeline, Job(folder))
        spec = complete({**SPEC, **changes})
        return Training(pipeline.unet, encoded, Noising(pipeline.scheduler), spec, job or Job(folder))

    return begin


def test_the_loss_is_ln_2_exactly_where_policy_and_reference_are_one(fresh):
    for precision in ('f32', 'bf16'):
        first = fresh(precision=precision).one_step()
        assert first['loss'] == pytest.approx(math.log(2), abs=1e-7)
        assert first['winnerGain'] == first['loserGain'] == first['margin'] == 0


def test_the_loss_falls_as_the_winner_gains_on_the_loser():
    policy = torch.tensor([[0.9, 1.1], [1.1, 0.9]])
    logits = preference_logits(policy, torch.ones(2, 2), beta=10.0)
    assert torch.allclose(logits, torch.tensor([1.0, -1.0]))
    losses = preference_loss(logits)
    assert losses[0] < math.log(2) < losses[1]


@pytest.mark.parametrize('predicts', ['epsilon', 'v_prediction'])
def test_a_network_that_knows_the_picture_has_no_error_whatever_its_scheduler_asks_for(predicts: str):
    scheduler = build_scheduler()
    scheduler.register_to_config(prediction_type=predicts)
    noising = Noising(scheduler)
    latents, noise = torch.randn(2, 3, 4, 8, 8)
    at = torch.tensor([1, 500, 999])
    noised, wanted = noising.apply(latents, noise, at)

    class Knowing(torch.nn.Module):
        def forward(self, noised, at, encoder_hidden_states):
            signal, spread = (part[at][:, None, None, None] for part in (noising.signal, noising.noise))
            found = (noised - signal * latents) / spread
            said = found if predicts == 'epsilon' else signal * found - spread * latents
            return type('Answer', (), {'sample': said})

    assert squared_errors(Knowing(), noised, at, torch.zeros(3, 1, 1), wanted).max() < 1e-6


def test_a_model_that_predicts_something_else_is_refused():
    scheduler = build_scheduler()
    scheduler.register_to_config(prediction_type='sample')
    with pytest.raises(SidecarError, match="predicts 'sample'"):
        Noising(scheduler)


def test_training_makes_the_winner_likelier_than_the_loser_and_leaves_the_reference_alone(fresh):
    training = fresh(learningRate=1e-2, batch=8, beta=500.0)
    stripes = torch.ones(2, training.encoded.latents.shape[1], 6, 32, 32)
    stripes[:, 1::2, :, ::2] = -1
    training.encoded = replace(training.encoded, latents=stripes)
    before = training.unet.conv_in.weight.clone()
    base = reference_error(training)
    for _ in range(25):
        training.one_step()
    last = training.curve[-5:]
    assert np.mean([step['loss'] for step in last]) < 0.6
    assert np.mean([step['accuracy'] for step in last]) > 0.7
    assert torch.equal(training.unet.conv_in.weight, before)
    assert reference_error(training) == base


def reference_error(training: Training) -> float:
    random = torch.Generator().manual_seed(3)
    latents, hidden = training.encoded.batch(np.arange(4), np.zeros(4, bool), 'cpu')
    noise, at = torch.randn(latents.shape, generator=random), torch.full((8,), 400)
    with torch.no_grad(), reference(training.unet):
        return squared_errors(training.unet, *_asked(training, latents, noise, at, hidden)).sum().item()


def _asked(training, latents, noise, at, hidden):
    noised, wanted = training.noising.apply(latents, noise, at)
    return noised, at, hidden, wanted


def test_remembered_reference_errors_change_nothing_and_are_computed_once(fresh):
    remembering, plain = fresh(pool=2, steps=12, flips=True), fresh(pool=2, steps=12, flips=True)
    plain.known.get = lambda chosen, slots, compute: compute(np.arange(len(chosen)))
    for _ in range(12):
        assert remembering.one_step() == pytest.approx(plain.one_step(), abs=1e-3)
    assert remembering.known.asked == 48
    known = int((~remembering.known.errors[0].isnan()).sum())
    assert remembering.known.computed == known < 48, 'some of 24 pairs come again with one of two noises'


def test_a_mirrored_pair_is_mirrored_on_both_sides_and_its_latents_are_the_mirrored_pictures(folder: Path):
    pipeline = open_pipeline(folder / 'diffusion')
    pairs = level_pairs()
    encoded = encode(pairs, pipeline, Job(folder))
    turned = encode(replace(pairs, pixels=pairs.pixels[:, :, ::-1]), pipeline, Job(folder))
    some, mirrored = np.array([3, 5]), np.array([True, False])
    latents, _ = encoded.batch(some, mirrored, 'cpu')
    assert torch.equal(latents[[0, 2]], turned.batch(some[:1], ~mirrored[:1], 'cpu')[0])
    assert torch.equal(latents[[1, 3]], encoded.batch(some[1:], mirrored[1:], 'cpu')[0])
    assert not torch.equal(latents[[0, 2]], encoded.batch(some[:1], ~mirrored[:1], 'cpu')[0])


def test_pairs_are_mirrored_by_lot_or_with_their_noise_or_never(fresh):
    slots = np.arange(400)
    free = fresh(flips=True)._mirrored(np.random.default_rng(1), slots)
    assert 150 < free.sum() < 250
    assert not fresh()._mirrored(np.random.default_rng(1), slots).any()
    assert (fresh(pool=4, flips=True)._mirrored(np.random.default_rng(1), slots) == slots % 2).all()


def test_a_batch_in_parts_is_the_same_step(fresh):
    whole, parts = fresh(batch=8), fresh(batch=2, accumulate=4)
    assert whole.one_step()['loss'] == pytest.approx(parts.one_step()['loss'], abs=1e-6)
    for name, weights in weights_of(whole.unet).items():
        assert torch.allclose(weights, weights_of(parts.unet)[name], atol=2e-4)


def test_where_memory_ends_the_batch_halves_goes_on_and_says_so(fresh, monkeypatch):
    training = fresh(batch=8)
    real = training_module.squared_errors

    def greedy(unet, noised, *others):
        if len(noised) > 8:
            raise torch.OutOfMemoryError('CUDA out of memory')
        return real(unet, noised, *others)

    monkeypatch.setattr(training_module, 'squared_errors', greedy)
    training.one_step()
    assert training.events == [{'step': 0, 'what': 'batch-halved', 'pairsAtOnce': 4}]
    assert training.step == 1


def test_where_not_one_pair_fits_the_training_ends(fresh, monkeypatch):
    def nothing_fits(*_):
        raise torch.OutOfMemoryError('CUDA out of memory')

    monkeypatch.setattr(training_module, 'squared_errors', nothing_fits)
    with pytest.raises(SidecarError, match='not even one pair'):
        fresh(batch=4).one_step()


def test_a_step_that_is_no_number_is_skipped_and_many_of_them_end_the_training(fresh, monkeypatch):
    training = fresh()
    before = weights_of(training.unet)
    real = training_module.squared_errors
    monkeypatch.setattr(training_module, 'squared_errors', lambda *given: real(*given) * float('nan'))
    training.one_step()
    assert training.events[0]['what'] == 'step-skipped'
    assert all(torch.equal(value, before[name]) for name, value in weights_of(training.unet).items())
    with pytest.raises(SidecarError) as refused:
        for _ in range(20):
            training.one_step()
    assert refused.value.code == 'loss-not-finite'


def test_fp16_without_a_gpu_is_refused(fresh):
    if torch.cuda.is_available():
        assert fresh(precision='fp16').one_step()['loss'] == pytest.approx(math.log(2), abs=1e-3)
    else:
        with pytest.raises(SidecarError, match='fp16 needs a GPU'):
            fresh(precision='fp16')


def steps_of(count: int, **figures: float) -> list[dict[str, float]]:
    usual = {'loss': 0.5, 'winnerGain': 0.0, 'loserGain': 0.0, 'referenceError': 1.0}
    return [{**usual, **figures} for _ in range(count)]


def test_a_training_stops_when_both_errors_rise_or_the_loss_collapses_and_else_goes_on():
    worse = steps_of(WINDOW) + steps_of(WINDOW, winnerGain=0.2, loserGain=0.4)
    assert judge_steps(worse).code == 'both-errors-rise'
    assert judge_steps(steps_of(WINDOW) + steps_of(WINDOW, loss=0.001)).code == 'loss-collapsed'
    assert judge_steps(steps_of(WINDOW) + steps_of(WINDOW, winnerGain=-0.1, loserGain=0.4)) is None
    assert judge_steps(worse[WINDOW + 1 :]) is None, 'two windows are needed'


def test_a_training_stops_when_pictures_saturate_or_leave_their_prompts():
    fine = {'contrast': 0.2, 'baseContrast': 0.2, 'clipped': 0.0, 'baseClipped': 0.0}
    fine |= {'clipHigh': 0.001, 'clipDifference': -0.001, 'baseClip': 0.3}
    assert judge_look(fine) is None
    assert judge_look({**fine, 'contrast': 0.4}).code == 'contrast-saturates'
    assert judge_look({**fine, 'clipped': 0.5}).code == 'contrast-saturates'
    assert judge_look({**fine, 'clipHigh': -0.02}).code == 'clip-inferior'


@pytest.fixture(scope='module')
def trained(folder: Path):
    """Cancelled in the middle of its third step, and started again."""
    with pytest.raises(JobCancelled):
        run(SPEC, Job(folder, stop_at=0.45))
    job = Job(folder)
    return job, run(SPEC, job)


def test_a_training_that_was_stopped_goes_on_where_it_was(folder: Path, trained):
    job, result = trained
    assert [
        step['step']
        for step in json.loads((folder / result['artifact'] / 'curves.json').read_text())['steps']
    ] == [1, 2, 3, 4]
    assert [figures['step'] for figures in job.figures if 'step' in figures] == [3, 4]


def test_its_artifact_holds_weights_curves_and_grids_and_says_what_it_was_made_of(folder: Path, trained):
    _, result = trained
    artifact = folder / result['artifact']
    manifest = read_manifest(artifact)
    verify_files(artifact, manifest)
    assert manifest['dataset'] == {'digest': 'test', 'source': 'implicit', 'pairs': 24}
    assert set(manifest['files']) >= {'adapter.safetensors', 'curves.svg', 'before-after.png', 'look.png'}
    assert (artifact / 'before-after.png').read_bytes().startswith(b'\x89PNG')
    assert '<polyline' in (artifact / 'curves.svg').read_text()
    names = set(load_file(artifact / 'adapter.safetensors'))
    assert any(name.startswith('lora_unet_') and name.endswith('lora_up.weight') for name in names)


def test_the_verdict_compares_the_same_prompts_and_seeds_by_each_scorer(trained):
    _, result = trained
    verdict = result['verdict']
    assert set(verdict) == {'preference', 'clip-score'}
    for figures in verdict.values():
        mean, low, high = figures['winRate']
        assert 0 <= low <= mean <= high <= 1
        assert figures['version'] != ''


def test_a_persons_edit_starts_from_the_adapter_and_keeps_what_it_learned(folder: Path, trained):
    _, result = trained
    base = open_base(folder / 'diffusion')
    adapter = read_lora(folder / result['artifact'] / 'adapter.safetensors', base.layers, base.weight)
    space = planted_space(layers={layer: delta.shape for layer, delta in adapter.deltas.items()})
    direction = learn_direction(space, 'space', 'attribute', PLANTED, LINEAGES)
    move = step(axes_of(space, 'space', [direction], False), [1.0])
    still, moved = (space.edited(adapter, part * move) for part in (0.0, 1.0))
    theta = space.theta(adapter)
    before, after = (space.layout.deltas(at) for at in (theta, theta + space.moved(move)))
    for layer, delta in adapter.deltas.items():
        learned = delta.weight()
        assert learned.abs().max() > 0
        assert torch.allclose(still.deltas[layer].weight(), learned, atol=1e-6)
        change = after[layer].weight() - before[layer].weight()
        assert torch.allclose(moved.deltas[layer].weight() - learned, change, atol=1e-4)


def test_a_training_none_of_whose_looks_passes_ends_and_says_why(folder: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(guards, 'CONTRAST', 0.0)
    (tmp_path / 'checkpoint').mkdir()
    judge, clip = (
        open_scorer(asked, Job(folder))
        for asked in (SPEC['scorer'], {'name': 'clip-score', 'weights': SPEC['clip']})
    )
    with pytest.raises(SidecarError, match='contrast is') as refused:
        fit(level_pairs(), open_pipeline(folder / 'diffusion'), judge, clip, complete(SPEC), Job(tmp_path))
    assert refused.value.code == 'nothing-learned'


def test_pairs_of_which_there_are_none_too_few_or_half_are_refused(folder: Path, tmp_path: Path):
    write_models(tmp_path)
    job = Job(tmp_path)
    for pairs, code in ((None, 'pairs-unknown'), (level_pairs(19), 'pairs-too-few')):
        if pairs is not None:
            write_pairs(tmp_path, pairs)
        with pytest.raises(SidecarError) as refused:
            run(SPEC, job)
        assert refused.value.code == code
    file = tmp_path / 'dpo-pairs-test' / 'pixels.safetensors'
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(SidecarError) as refused:
        run(SPEC, job)
    assert refused.value.code == 'artifact-invalid'


def test_a_folder_that_is_no_stable_diffusion_is_refused(folder: Path):
    with pytest.raises(SidecarError) as refused:
        run({**SPEC, 'diffusion': 'clip'}, Job(folder))
    assert refused.value.code == 'diffusion-missing'


def test_an_anchor_pulls_the_winners_own_error_down_and_is_no_part_of_the_loss(fresh):
    def winners_gain(anchor: float) -> float:
        training = fresh(learningRate=1e-2, batch=8, beta=500.0, anchor=anchor)
        assert training.one_step()['loss'] == pytest.approx(math.log(2), abs=1e-7)
        for _ in range(15):
            training.one_step()
        return float(np.mean([step['winnerGain'] for step in training.curve[-5:]]))

    assert winners_gain(4.0) < winners_gain(0.0)


def test_a_look_that_passes_goes_before_one_that_wins_more_and_leaves_its_prompts(
    folder: Path, tmp_path: Path, monkeypatch
):
    rates, inferior = iter((0.6, 0.7)), iter((False, True))

    def seen(easel, judge, clip, prompts, base, job):
        fine = {'contrast': 0.2, 'baseContrast': 0.2, 'clipped': 0.0, 'baseClipped': 0.0}
        low = -0.02 if next(inferior) else 0.001
        figures = {**fine, 'clipHigh': low, 'clipDifference': low, 'baseClip': 0.3, 'winRate': next(rates)}
        return {'figures': figures, 'drawn': base}

    monkeypatch.setattr(train_module, 'look', seen)
    monkeypatch.setattr(
        train_module, 'choose_strength', lambda *_: {'chosen': 0.5, 'passed': True, 'tried': []}
    )
    spec = {**complete(SPEC), 'strengths': [1.0, 0.5]}
    (tmp_path / 'checkpoint').mkdir()
    judge, clip = (
        open_scorer(asked, Job(folder))
        for asked in (SPEC['scorer'], {'name': 'clip-score', 'weights': SPEC['clip']})
    )
    done = fit(level_pairs(), open_pipeline(folder / 'diffusion'), judge, clip, spec, Job(tmp_path))
    assert done['report']['bestStep'] == 2
