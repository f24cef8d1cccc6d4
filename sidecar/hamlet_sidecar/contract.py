"""What the api and the sidecar agree on: contract.json, generated from schemas/*.ts."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from hamlet_sidecar.errors import SidecarError

_FILE = json.loads(Path(__file__).with_name('contract.json').read_text())
CONTRACT: str = _FILE['contract']
SPECS: dict[str, Any] = _FILE['specs']
STRENGTHS: dict[str, float] = _FILE['strengths']


def check(name: str, value: Any) -> None:
    """Raises SidecarError `invalid-request` that points to the first field at fault."""
    _refuse_faults(_validator(name), value, 'invalid-request', '')


def check_spec(kind: str, spec: Any) -> None:
    """Raises SidecarError `spec-invalid`. A kind without a schema checks its spec itself."""
    if kind in SPECS:
        _refuse_faults(_spec_validator(kind), spec, 'spec-invalid', '/spec')


def _refuse_faults(validator: Draft202012Validator, value: Any, code: str, root: str) -> None:
    fault = next(validator.iter_errors(value), None)
    if fault is not None:
        pointer = root + ''.join(f'/{part}' for part in fault.absolute_path)
        raise SidecarError(code, f'{pointer} {fault.message[:300]}'.strip(), 400)


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(_FILE['schemas'][name])


@cache
def _spec_validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(SPECS[kind])
