"""Job `train-two-tower`: interactions to an artifact `two-tower-image` or `two-tower-model` that the api serves."""

import time

import numpy as np

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.towers.content_towers import ContentTowers
from hamlet_sidecar.towers.data import Interactions, read_interactions, split
from hamlet_sidecar.towers.export import export_towers
from hamlet_sidecar.towers.fit_content import fit_content
from hamlet_sidecar.towers.seeing import SeeingTraining, seen_data
from hamlet_sidecar.towers.seen_items import SeenItems
from hamlet_sidecar.towers.spec import complete
from hamlet_sidecar.towers.training import Training
from hamlet_sidecar.towers.validation import asked_people, judge


def run(spec: dict, job) -> dict:
    """Trains until validation gets no better, exports the best weights; the spec's fields are in `spec.py`."""
    spec = complete(spec)
    data = read_interactions(spec, job)
    learned, kept = split(data, spec)
    if max(map(len, learned)) < 2:
        raise SidecarError(
            'dataset-empty', 'without what is kept for validation nothing is left to learn from'
        )
    people = asked_people(kept, learned, spec['judged'])
    looking = None
    if spec['visionBlocks']:
        seen = SeenItems(spec, job, data.numbers, len(data.items))
        training = SeeingTraining(spec, job, seen_data(data, seen.see_all(seen.above)), learned, seen)
        model, report = descended(training, job, learned, kept, people)
        data, looking = seen_data(data, model.item.content, data.tags), seen.looking(model.above)
    elif spec['of'] == 'ids':
        model, report = descended(Training(spec, job, data, learned), job, learned, kept, people)
    if spec['of'] == 'content':
        model, report = fitted(spec, job, data, learned, kept, people)
    asked = [data.rows[u] for u in (people if len(people) else range(len(data.rows))) if len(data.rows[u])]
    artifact = export_towers(job.artifacts, model, data, spec, report, asked, looking)
    return {'artifact': artifact, **report, 'spec': spec}


def descended(training: Training, job, learned: list, kept: list, people: np.ndarray):
    """From the beginning or a checkpoint to the end, judged after each epoch: the best model, and a report."""
    length, others = training.spec['length'], training.data.others
    if not training.resume():
        training.begin()
    deeds, items = sum(map(len, learned)), len(training.data.items)
    job.log(f'{len(learned)} people, {items} items, {deeds} deeds to learn from, {len(people)} judged')

    def look() -> None:
        model = training.averaged()
        training.judge(judge(model, people, learned, kept, length, others) if len(people) else {})

    if training.step == 0:
        look()
    while not training.over():
        training.one_epoch()
        look()
    return training.best_model(), training.report()


def fitted(
    spec: dict, job, data: Interactions, learned: list, kept: list, people: np.ndarray
) -> tuple[ContentTowers, dict]:
    """Judged without the last item of each history, then fitted with it. Raises SidecarError `content-missing`."""
    looks = data.content.shape[1] - len(data.tags)
    if not data.content.any():
        raise SidecarError(
            'content-missing', 'no item has a vector or tags: there is nothing to learn taste by'
        )
    began = time.perf_counter()
    figures = {}
    if len(people):
        judged = fit_content(learned, data.content, looks, spec)
        figures = judge(judged, people, learned, kept, spec['length'], data.others)
    model = fit_content(data.rows, data.content, looks, spec)
    seconds = time.perf_counter() - began
    job.log(
        f'{len(data.rows)} people, {len(data.items)} items, {looks} numbers and {len(data.tags)} tags of each: '
        f'{figures}, {seconds:.0f} s'
    )
    return model, {'validation': figures, 'seconds': round(seconds)}
