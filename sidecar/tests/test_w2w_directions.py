"""Directions on a space whose answer is planted."""

import json

import pytest
import torch
from plain_job import PlainJob
from planted_space import LINEAGES, NAMES, PLANTED, planted_space, write_space

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w import direction_job
from hamlet_sidecar.w2w.cross_validation import cross_validate, permuted, splits
from hamlet_sidecar.w2w.direction import learn_direction, load_direction, orthogonal, unit_of
from hamlet_sidecar.w2w.hyperplane import fit_hyperplane


@pytest.fixture(scope='module')
def space():
    return planted_space()


def labels_of(labels: dict) -> torch.Tensor:
    return torch.tensor([labels[name] for name in NAMES])


def code_of(work) -> str:
    with pytest.raises(SidecarError) as caught:
        work()
    return caught.value.code


def test_a_planted_attribute_is_told_apart_on_loras_that_were_left_out(space):
    found = cross_validate(space.fitted.coordinates, labels_of(PLANTED), list(LINEAGES.values()))
    assert found.balanced_accuracy > 0.95
    assert found.auc > 0.98
    assert found.interval[0] <= found.balanced_accuracy <= found.interval[1]


def test_permuted_labels_are_told_apart_half_of_the_time(space):
    found = permuted(space.fitted.coordinates, labels_of(PLANTED), list(NAMES), runs=20)
    assert abs(sum(found) / 20 - 0.5) < 0.08


def test_the_threshold_lies_between_the_classes_where_one_of_them_is_rare(space):
    rare = torch.tensor([PLANTED[name] and i < 12 for i, name in enumerate(NAMES)])
    keep = [i for i, name in enumerate(NAMES) if rare[i] or not PLANTED[name]]
    found = cross_validate(space.fitted.coordinates[keep], rare[keep], [NAMES[i] for i in keep])
    assert found.balanced_accuracy > 0.9


def test_a_fold_never_parts_a_lineage():
    lineages = list(LINEAGES.values())
    for train, test in splits(labels_of(PLANTED), lineages, 5, seed=1):
        assert not {lineages[i] for i in train} & {lineages[i] for i in test}


def test_the_closed_form_leaves_each_lora_out_as_fitting_without_it_does(space):
    """The threshold is made of these scores; a fit to the others alone must give the same side."""
    coordinates, labels = space.fitted.coordinates, labels_of(PLANTED)
    others = torch.arange(1, len(NAMES))
    without = fit_hyperplane(coordinates[others], labels[others])
    score = float(without.scores(coordinates[:1])[0])
    assert (score > without.threshold) == bool(labels[0])


def test_what_cannot_be_learned_is_refused(space):
    def learn(labels):
        return lambda: learn_direction(space, 'space', 'attribute', labels, LINEAGES)

    assert code_of(learn({})) == 'labels-one-class'
    assert code_of(learn({name: True for name in NAMES})) == 'labels-one-class'
    assert code_of(learn({name: i < 3 for i, name in enumerate(NAMES)})) == 'labels-too-few'
    assert code_of(learn({name: i % 4 < 2 for i, name in enumerate(NAMES)})) == 'direction-not-found'


def test_labels_of_loras_outside_the_space_are_counted_and_left_out(space):
    direction = learn_direction(space, 'space', 'attribute', {**PLANTED, 'stranger': True}, LINEAGES)
    assert direction.figures['leftOut'] == 1
    assert 'stranger' not in direction.labels


def test_one_unit_is_one_standard_deviation_of_the_labelled_projections(space):
    direction = learn_direction(space, 'space', 'attribute', PLANTED, LINEAGES)
    projections = space.fitted.coordinates @ direction.vector
    assert unit_of(space, direction.vector, PLANTED) == pytest.approx(
        float(projections.std(correction=0)), rel=1e-4
    )


def test_an_orthogonalised_direction_has_nothing_of_the_others():
    one, other = torch.tensor([1.0, 1.0, 0.0]), torch.tensor([0.0, 2.0, 0.0])
    rest = orthogonal(one, [other])
    assert float(rest @ other) == pytest.approx(0, abs=1e-6)
    assert float(rest.norm()) == pytest.approx(1)
    assert code_of(lambda: orthogonal(other, [one, torch.tensor([1.0, 0.0, 0.0])])) == 'direction-dependent'


def test_the_job_writes_an_artifact_that_reads_back_the_same(space, tmp_path):
    job = PlainJob(tmp_path)
    name = write_space(job.artifacts, space)
    (job.artifacts / 'labels.json').write_text(json.dumps(PLANTED))
    spec = {'space': name, 'name': 'attribute', 'labels': 'labels.json'}
    result = direction_job.run(spec, job)
    read = load_direction(job.artifacts / result['artifact'])
    assert read.space == name
    assert read.labels == PLANTED
    again = direction_job.run({**spec, 'others': [result['artifact']]}, job)
    assert again['cosines'][result['artifact']] == pytest.approx(1)
    assert again['artifact'] == result['artifact']


def test_a_space_whose_files_are_gone_and_labels_that_are_none_are_named(space, tmp_path):
    job = PlainJob(tmp_path)
    (job.artifacts / 'labels.json').write_text('{"lora-1": "yes"}')
    spec = {'space': 'w2w-space-gone', 'name': 'a', 'labels': 'labels.json'}
    assert code_of(lambda: direction_job.run(spec, job)) == 'space-missing'
    kept = write_space(job.artifacts, space)
    assert code_of(lambda: direction_job.run({**spec, 'space': kept}, job)) == 'labels-invalid'
