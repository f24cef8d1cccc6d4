"""What a training left becomes an artifact, in one way for all of them."""

from pathlib import Path
from typing import Any

from hamlet_sidecar.artifacts import publish_folder
from hamlet_sidecar.files import confine


def publish(kind: str, spec: dict[str, Any], result: dict[str, Any], artifacts: Path) -> dict[str, Any]:
    """The result with its `artifact`, where a job that was given `renders` left a `folder`.

    `train-clip` makes a `clip`: its figures are the numbers of the result, its parameters the spec with the
    defaults that the job tells.
    """
    if 'folder' not in result or 'renders' not in spec:
        return result
    made = kind.removeprefix('train-')
    name = publish_folder(
        artifacts,
        made,
        confine(artifacts, result['folder']),
        contract=f'{made}/1',
        dataset=confine(artifacts, spec['renders']),
        spec=result.get('spec', spec),
        metrics={name: value for name, value in result.items() if isinstance(value, int | float)},
    )
    return result | {'artifact': name}
