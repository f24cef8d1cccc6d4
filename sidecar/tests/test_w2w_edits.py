"""Edits in a planted space: the attribute moves as far as asked, and nothing else of the LoRA is lost."""

import io
import json
from dataclasses import replace

import pytest
import torch
from PIL import Image
from plain_job import PlainJob
from planted_space import LINEAGES, NAMES, PLANTED, planted_lora, planted_space, planted_whole, write_space
from safetensors import safe_open

from hamlet_sidecar.errors import JobCancelled, SidecarError
from hamlet_sidecar.w2w import direction_job, edit_job
from hamlet_sidecar.w2w.direction import learn_direction
from hamlet_sidecar.w2w.edit import axes_of, interpolated, nearest, seen, step
from hamlet_sidecar.w2w.preview import grid
from hamlet_sidecar.w2w.read import read_lora
from hamlet_sidecar.w2w.write import write_lora


@pytest.fixture(scope='module', params=[planted_space, planted_whole], ids=['svd', 'whole'])
def space(request):
    return request.param()


@pytest.fixture(scope='module')
def axes(space):
    return axes_of(space, 'space', [learn_direction(space, 'space', 'attribute', PLANTED, LINEAGES)], False)


def code_of(work) -> str:
    with pytest.raises(SidecarError) as caught:
        work()
    return caught.value.code


def projection(space, axis, lora) -> float:
    return float(space.place(lora) @ axis.vector)


def test_an_alpha_of_one_moves_the_mean_by_one_unit(space, axes):
    mean = space.edited(None, step(axes, [0.0]))
    moved = space.edited(None, step(axes, [1.0]))
    gained = projection(space, axes[0], moved) - projection(space, axes[0], mean)
    assert gained == pytest.approx(axes[0].unit, rel=0.05)


def test_the_edit_goes_where_the_attribute_was_planted(space, axes):
    """Of two LoRAs that differ in the attribute alone, the edited one comes nearer to the one that has it."""
    layer = next(iter(planted_lora(0).deltas))
    attribute = planted_lora(0).deltas[layer].up[:, 0] - planted_lora(1).deltas[layer].up[:, 0]
    start, end = (space.edited(None, step(axes, [a])).deltas[layer] for a in (0.0, 2.0))
    change = end.weight() - start.weight()
    wanted = torch.outer(attribute, planted_lora(0).deltas[layer].down[0])
    assert float(torch.nn.functional.cosine_similarity(change.flatten(), wanted.flatten(), dim=0)) > 0.6


def test_an_alpha_of_zero_is_the_lora_itself_and_what_theta_leaves_out_stays():
    space = planted_space()
    axes = axes_of(space, 'space', [learn_direction(space, 'space', 'attribute', PLANTED, LINEAGES)], False)
    base = planted_lora(3, rank=4)
    still, moved = (space.edited(base, step(axes, [a])) for a in (0.0, 1.0))
    for layer, delta in base.deltas.items():
        assert torch.allclose(still.deltas[layer].weight(), delta.weight(), atol=1e-6)
        change = moved.deltas[layer].weight() - delta.weight()
        theta = space.theta(base)
        after = space.layout.deltas(theta + space.moved(step(axes, [1.0])))[layer].weight()
        before = space.layout.deltas(theta)[layer].weight()
        assert torch.allclose(change, after - before, atol=1e-4)


def test_alphas_that_make_no_sense_are_refused(space, axes):
    for alpha in (1e6, -1e6, float('nan'), float('inf')):
        assert code_of(lambda alpha=alpha: step(axes, [alpha])) == 'alpha-out-of-range'


def test_a_direction_of_another_space_is_refused(space):
    direction = learn_direction(space, 'space', 'attribute', PLANTED, LINEAGES)
    assert code_of(lambda: axes_of(space, 'other', [direction], False)) == 'direction-of-another-space'


def test_orthogonalised_axes_move_without_each_other(space):
    first = learn_direction(space, 'space', 'one', PLANTED, LINEAGES)
    leaning = first.vector.clone()
    leaning[1] += 1
    second = replace(first, name='other', vector=leaning / leaning.norm())
    one, other = axes_of(space, 'space', [first, second], True)
    assert abs(float(first.vector @ second.vector)) > 0.1
    assert float(one.vector @ second.vector) == pytest.approx(0, abs=1e-5)
    assert float(other.vector @ first.vector) == pytest.approx(0, abs=1e-5)


def test_the_range_seen_and_the_nearest_real_lora_are_told(space, axes):
    at = torch.zeros(space.dimensions)
    shown = seen(space, axes[0], at)
    assert shown['low'] < -0.5 and shown['high'] > 0.5
    further = seen(space, axes[0], step(axes, [1.0]))
    assert further['high'] == pytest.approx(shown['high'] - 1, abs=2e-3)
    closest = nearest(space, step(axes, [2.0]))
    assert all(PLANTED[each['lora']] for each in closest)
    assert nearest(space, step(axes, [2.0]), [closest[0]['lora']])[0] == closest[1]


def test_interpolation_ends_at_the_other_lora(space):
    one, other = planted_lora(0), planted_lora(1)
    end = space.place(one) + interpolated(space, one, other, 1.0)
    assert torch.allclose(end, space.place(other), atol=1e-3)
    assert torch.allclose(interpolated(space, None, other, 1.0), space.place(other), atol=1e-3)
    assert code_of(lambda: interpolated(space, one, other, 1.5)) == 'share-out-of-range'


def test_a_grid_has_a_column_an_alpha_and_marks_what_no_lora_shows():
    columns = [torch.full((2, 3, 8, 8), value) for value in (-1.0, 1.0)]
    sheet = Image.open(io.BytesIO(grid(columns, ['α +0', 'α +9'], [False, True])))
    assert sheet.width > 2 * 128 and sheet.height > 2 * 128
    red = [(r, g) for _, (r, g, _) in sheet.convert('RGB').getcolors(100_000) if r > 150 and g < 80]
    assert red


@pytest.fixture
def asked(space, tmp_path):
    job = PlainJob(tmp_path)
    name = write_space(job.artifacts, space)
    (job.artifacts / 'labels.json').write_text(json.dumps(PLANTED))
    learned = direction_job.run({'space': name, 'name': 'attribute', 'labels': 'labels.json'}, job)
    directions = [{'artifact': learned['artifact'], 'alpha': 1.5}]
    return job, {'space': name, 'base': 'mean', 'directions': directions, 'model': 'model'}


def test_the_job_writes_a_file_that_reads_back_and_says_where_it_comes_from(space, asked):
    job, spec = asked
    result = edit_job.run(spec, job)
    file = job.artifacts / result['artifact'] / 'lora.safetensors'
    with safe_open(file, 'pt') as opened:
        story = json.loads(opened.metadata()['hamlet.w2w'])
    assert story['space'] == spec['space']
    assert story['directions'][0]['alpha'] == 1.5
    assert story['baseModel'] == 'planted'
    assert story['sources']['count'] == len(NAMES)
    assert set(read_lora(file).deltas) == set(planted_lora(0).deltas)
    again = edit_job.run(spec, job)
    assert again['artifact'] == result['artifact']


def test_a_real_lora_is_edited_from_its_file(space, asked, monkeypatch):
    job, spec = asked
    write_lora(job.artifacts / 'mine.safetensors', planted_lora(1, rank=3))
    monkeypatch.setattr(edit_job, 'open_lora', lambda file, spec, job: read_lora(job.path(file)))
    base = {'lora': 'lora-1', 'file': 'mine.safetensors'}
    result = edit_job.run({**spec, 'base': base}, job)
    lora = read_lora(job.artifacts / result['artifact'] / 'lora.safetensors')
    assert all(delta.rank >= 3 for delta in lora.deltas.values())
    assert 'lora-1' not in [each['lora'] for each in result['nearest']]


def test_nothing_half_written_is_left_by_a_cancel_and_a_lost_space_is_named(asked):
    job, spec = asked
    job.stop_at = 0.0
    with pytest.raises(JobCancelled):
        edit_job.run(spec, job)
    assert not list(job.artifacts.rglob('*partial*'))
    assert not list(job.artifacts.glob('w2w-edit-*'))
    assert code_of(lambda: edit_job.run({**spec, 'space': 'w2w-space-gone'}, job)) == 'space-missing'


def test_a_full_disk_is_named_and_leaves_nothing(asked, monkeypatch):
    job, spec = asked

    def full(*_args):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr('hamlet_sidecar.w2w.write.atomic_write_bytes', full)
    assert code_of(lambda: edit_job.run(spec, job)) == 'disk-full'
    assert not list(job.artifacts.glob('w2w-edit-*'))
