"""Job `train-lora-zoo`: every LoRA of the plan, with pictures that it really made."""

import json
import time
from pathlib import Path

from hamlet_sidecar.classifier.train import load_classifier
from hamlet_sidecar.diffusion.objective import Noising
from hamlet_sidecar.diffusion.sample import load_pipeline
from hamlet_sidecar.diffusion.train import latents_of
from hamlet_sidecar.files import atomic_write_json, confine
from hamlet_sidecar.pictures import read_pictures
from hamlet_sidecar.zoo.formats import adapter_weights, write_lora
from hamlet_sidecar.zoo.showcase import make_showcase
from hamlet_sidecar.zoo.train_one import BATCH, Studio, train_lora

MOST_STEPS = 60


def run(spec: dict, job) -> dict:
    """spec: {renders, diffusion, classifier, plan, part?, parts?}, all in the artifact folder → folder `loras`.

    Goes on after the last LoRA that is whole: each has a line of its own in `loras/cards`. `part` of `parts`
    lets several processes share a zoo.
    """
    began = time.perf_counter()
    plan = json.loads(confine(job.artifacts, spec['plan']).read_text())['loras']
    part, parts = spec.get('part', 0), spec.get('parts', 1)
    check_budget(plan, job)
    studio, pipeline = open_studio(spec, job)
    judge = load_classifier(confine(job.artifacts, spec['classifier']), studio.pictures.grammar)
    folder = Path(job.artifacts) / 'loras'
    cards = folder / 'cards'
    mine = [entry for entry in plan[part::parts] if not (cards / f'{entry["id"]}.json').exists()]
    for done, entry in enumerate(mine):
        started = time.perf_counter()
        unet, loss = train_lora(entry, studio, job)
        trigger = {'trigger': entry['trigger'], 'styles': json.dumps(entry['styles'])}
        training = {'steps': str(entry['steps']), 'batch': str(BATCH), 'dataSeed': str(entry['dataSeed'])}
        base = {
            'base_model': 'hamlet tiny diffusion',
            'initialisation': 'gradient',
            'alpha': str(entry['alpha']),
        }
        file = write_lora(unet, entry, {**trigger, **training, **base}, folder)
        shown = make_showcase(unet, entry, pipeline, studio.pictures.grammar, judge, folder)
        trained = {'loss': loss, 'layers': len(adapter_weights(unet)), **shown}
        atomic_write_json(cards / f'{entry["id"]}.json', {**entry, 'file': file, **trained})
        seconds = time.perf_counter() - started
        job.progress((done + 1) / len(mine), loss=loss, secondsEach=seconds, left=len(mine) - done - 1)
    return {'folder': 'loras', 'count': len(mine), 'seconds': round(time.perf_counter() - began)}


def check_budget(plan: list[dict], job) -> None:
    steps = [entry['steps'] for entry in plan]
    if max(steps) > MOST_STEPS:
        raise ValueError(f'the plan has a LoRA of {max(steps)} steps, the budget is {MOST_STEPS} each')
    job.log(f'{len(plan)} LoRAs, {sum(steps)} steps of {BATCH} pictures, at most {max(steps)} each')


def open_studio(spec: dict, job):
    """The base model and the pictures, encoded once for all LoRAs."""
    pictures = read_pictures(confine(job.artifacts, spec['renders']))
    pipeline = load_pipeline(confine(job.artifacts, spec['diffusion']))
    latents = latents_of(pipeline.vae, pictures, job.checkpoint / 'latents.pt')
    noising = Noising(pipeline.scheduler)
    studio = Studio(pipeline.unet, pipeline.text_encoder, pipeline.tokenizer, noising, pictures, latents)
    return studio, pipeline
