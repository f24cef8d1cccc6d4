import importlib.util

import pytest

from hamlet_sidecar import contract
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.process import JobProcess
from hamlet_sidecar.jobs.record import JobRecord
from hamlet_sidecar.jobs.registry import KINDS, load_job


def test_every_kind_has_a_schema_and_every_schema_a_kind():
    assert set(KINDS) == set(contract.SPECS)


def test_every_kind_names_a_module_that_is_there():
    for kind, place in KINDS.items():
        assert importlib.util.find_spec(place.split(':')[0]) is not None, kind


@pytest.mark.parametrize('place', ['os:system; x', 'os.path', ''])
def test_a_place_that_is_none_is_refused(place: str):
    with pytest.raises(SidecarError) as refused:
        load_job({'kind': place}, 'kind')
    assert refused.value.code == 'kind-unknown'


@pytest.mark.parametrize(
    ('code', 'kernel_killed', 'told'),
    [(-9, True, 'out-of-memory'), (-9, False, 'killed'), (-11, False, 'killed'), (1, False, 'crashed')],
)
def test_a_process_without_a_last_word_is_judged_by_how_it_ended(tmp_path, code, kernel_killed, told):
    record = JobRecord('job', 'kind', {}, 1, 1, 60)
    JobProcess(record, tmp_path, 'registry').judge(code, kernel_killed)
    assert (record.state, record.error['code']) == ('failed', told)
