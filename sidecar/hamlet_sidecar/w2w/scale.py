"""What an adapter's product is multiplied by: alpha/rank, or alpha/√rank where it says so (rsLoRA)."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hamlet_sidecar.errors import SidecarError

MOST_CONFIG = 1 << 20
PLAIN_PATTERN = re.compile(r'\^?[\w.-]+\$?')


@dataclass(frozen=True)
class Scaling:
    """`alpha` where the file's tensors name none; None there too means alpha = rank."""

    alpha: float | None = None
    patterns: Mapping[str, float] = field(default_factory=dict)
    rank_stabilised: bool = False
    # What peft scales by where the tensors themselves have no rank (LoKr of two whole matrices).
    rank: float | None = None

    def of(self, layer: str, rank: int | None, alpha: float | None) -> float:
        """Raises SidecarError `lora-invalid` for a scale that is no number."""
        if alpha is None:
            named = (value for name, value in self.patterns.items() if f'.{layer}'.endswith(f'.{name}'))
            alpha = next(named, self.alpha)
        rank = rank or self.rank
        if alpha is None or rank is None:
            return 1.0
        scale = alpha / (math.sqrt(rank) if self.rank_stabilised else rank)
        if not math.isfinite(scale):
            raise SidecarError('lora-invalid', f'the alpha of {layer} is {alpha}')
        return scale


def read_scaling(path: Path, metadata: Mapping[str, str], part: str) -> Scaling:
    """By peft's config beside the file, diffusers' in its header, or kohya's network arguments."""
    config = _peft_config(path) or _diffusers_config(path, metadata, part)
    if config is not None:
        return _of_config(path, config)
    arguments = _json(path, metadata.get('ss_network_args', '{}'))
    stabilised = str(arguments.get('rs_lora', arguments.get('use_rslora', False))).lower() == 'true'
    return Scaling(rank_stabilised=stabilised)


def _peft_config(path: Path) -> dict | None:
    beside = path.with_name('adapter_config.json')
    if not path.name.startswith('adapter_model') or not beside.is_file():
        return None
    if beside.stat().st_size > MOST_CONFIG:
        raise SidecarError('lora-invalid', f'{beside.name} has more than {MOST_CONFIG} bytes')
    return _json(path, beside.read_text(errors='replace'))


def _diffusers_config(path: Path, metadata: Mapping[str, str], part: str) -> dict | None:
    if 'lora_adapter_metadata' not in metadata:
        return None
    told = _json(path, metadata['lora_adapter_metadata'])
    prefix = f'{part}.'
    return {name.removeprefix(prefix): value for name, value in told.items() if name.startswith(prefix)}


def _of_config(path: Path, config: dict) -> Scaling:
    alpha = config.get('lora_alpha', config.get('alpha'))
    patterns = config.get('alpha_pattern') or {}
    rank = config.get('r')
    numbers = [alpha, rank, *(patterns.values() if isinstance(patterns, dict) else [patterns])]
    if not all(value is None or (type(value) in (int, float) and math.isfinite(value)) for value in numbers):
        raise SidecarError(
            'lora-invalid', f'{path.name} has an alpha or rank in its config that is no number'
        )
    strange = next((name for name in patterns if not PLAIN_PATTERN.fullmatch(name)), None)
    if strange is not None:
        # peft reads these as regular expressions; a stranger's are not run.
        raise SidecarError('lora-invalid', f'{path.name} has the alpha pattern {strange[:100]!r}')
    plain = {name.strip('^$'): float(value) for name, value in patterns.items()}
    return Scaling(alpha, plain, config.get('use_rslora') is True, rank)


def _json(path: Path, text: str) -> dict:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SidecarError('lora-invalid', f'{path.name} has a config that is not JSON') from error
    return value if isinstance(value, dict) else {}
