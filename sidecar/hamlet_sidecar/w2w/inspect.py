"""What a LoRA file is, or why it is refused: `python -m hamlet_sidecar w2w-inspect FILE`."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.bases import SD15, Base, open_base
from hamlet_sidecar.w2w.compress import compress
from hamlet_sidecar.w2w.read import LoraFile

SHIPPED = Path(__file__).parents[3] / 'weights' / 'diffusion'


def inspect_lora(path: Path, base: str | None = None) -> dict[str, Any]:
    """`energyRank1`: the share of ‖ΔW‖² over all layers that one component each keeps; null for a DoRA whose
    base model's weights are not here. Raises SidecarErrors `lora-…`, `base-missing`.
    """
    known = open_base(base) if base else _base_of(LoraFile(path))
    file = LoraFile(path, known.layers, known.weight if known.file else None)
    return {
        'format': file.format,
        'baseModel': file.base_model or known.name,
        'layers': len(file.layers()),
        'textEncoderLayers': len(file.layers('text_encoder')),
        'ranks': {str(rank): count for rank, count in sorted(Counter(map(file.rank, file.layers())).items())},
        'energyRank1': _energy(file),
        'parameters': file.parameters,
    }


def _base_of(file: LoraFile) -> Base:
    """Of the base models known here, the one that has most of the file's layers in their shapes."""
    best = max(known_bases(), key=lambda base: _fitting(file, base))
    if _fitting(file, best) == 0:
        raise SidecarError(
            'lora-base-mismatch',
            f'{file.path.name} ({file.base_model or "of a base model it does not name"}) fits none of '
            f'{", ".join(base.name for base in known_bases())}; --base names the folder of another',
        )
    return best


def known_bases() -> Iterator[Base]:
    if SHIPPED.is_dir():
        yield open_base(SHIPPED)
    yield SD15


def _fitting(file: LoraFile, base: Base) -> int:
    try:
        LoraFile(file.path, base.layers)
        return len(file.layers()) + 1
    except SidecarError:
        return sum(file.shape(layer)[0] == base.layers.get(layer, (0,))[0] for layer in file.layers())


def _energy(file: LoraFile) -> float | None:
    kept = whole = 0.0
    for layer in file.layers():
        try:
            components = compress(file.delta(layer))
        except SidecarError as error:
            if error.code == 'lora-needs-base':
                return None
            raise
        kept += float(components.energy[0]) * components.norm**2
        whole += components.norm**2
    return round(kept / whole, 4) if whole > 0 else 0.0
