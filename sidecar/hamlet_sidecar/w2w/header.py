"""The header of a safetensors file, read and checked by ourselves before anything is given memory.

safetensors checks offsets too, but it maps the file first and its errors do not say what is wrong with a LoRA.
"""

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path

from hamlet_sidecar.errors import SidecarError

BYTES = {'F64': 8, 'F32': 4, 'F16': 2, 'BF16': 2, 'I64': 8, 'I32': 4}
MOST_HEADER = 16 << 20
MOST_TENSORS = 50_000
LARGEST_SIDE = 1 << 20
# zip (torch.save) and pickle's protocol mark; what ends like one is refused whatever it holds.
PICKLE_MARKS = (b'PK\x03\x04', b'\x80\x02', b'\x80\x03', b'\x80\x04', b'\x80\x05')
PICKLE_ENDS = ('.bin', '.ckpt', '.pickle', '.pkl', '.pt', '.pth')


@dataclass(frozen=True)
class Entry:
    dtype: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        return math.prod(self.shape)


def read_header(path: Path) -> tuple[dict[str, Entry], dict[str, str]]:
    """Tensors and metadata. Raises SidecarError `lora-missing`, `lora-pickle`, `lora-truncated`, `lora-invalid`."""
    try:
        with open(path, 'rb') as file:
            size = os.fstat(file.fileno()).st_size
            start = file.read(8)
            if path.suffix.lower() in PICKLE_ENDS or start.startswith(PICKLE_MARKS):
                raise SidecarError(
                    'lora-pickle', f'{path.name} is a pickle, which can run code; convert it to safetensors'
                )
            length = int.from_bytes(start, 'little')
            if len(start) < 8 or (length <= MOST_HEADER and 8 + length > size):
                raise SidecarError('lora-truncated', f'{path.name} ends within its header')
            if length > MOST_HEADER:
                raise _invalid(path, f'is no safetensors: its header would have {length} bytes')
            text = file.read(length)
    except OSError as error:
        raise SidecarError(
            'lora-missing', f'{path.name} cannot be read: {error.strerror or error}'
        ) from error
    return _check(path, _parsed(path, text), size - 8 - length)


def _parsed(path: Path, text: bytes) -> dict:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid(path, 'has a header that is not JSON: is it safetensors?') from error
    if not isinstance(header, dict) or len(header) > MOST_TENSORS:
        raise _invalid(path, f'has a header that is no table of at most {MOST_TENSORS} tensors')
    return header


def _check(path: Path, header: dict, data: int) -> tuple[dict[str, Entry], dict[str, str]]:
    metadata = header.pop('__metadata__', {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _invalid(path, 'has metadata that are not all text')
    entries, places = {}, []
    for name, told in header.items():
        entry, begin, end = _entry(path, name, told)
        if end - begin != entry.count * BYTES[entry.dtype]:
            raise _invalid(path, f'gives {name[:200]!r} {end - begin} bytes for the shape {entry.shape}')
        entries[name] = entry
        places.append((begin, end))
    places.sort()
    last = 0
    for begin, end in places:
        if begin != last:
            raise _invalid(path, 'has tensors that overlap or leave gaps')
        last = end
    if last > data:
        raise SidecarError('lora-truncated', f'{path.name} lacks {last - data} of its {last} bytes')
    if last < data:
        raise _invalid(path, f'has {data - last} bytes behind its last tensor')
    return entries, metadata


def _entry(path: Path, name: str, told) -> tuple[Entry, int, int]:
    try:
        dtype, shape, (begin, end) = told['dtype'], tuple(told['shape']), told['data_offsets']
    except (TypeError, KeyError, ValueError) as error:
        raise _invalid(path, f'does not describe the tensor {name[:200]!r}') from error
    if not isinstance(dtype, str) or dtype not in BYTES:
        raise _invalid(path, f'has {name[:200]!r} as {str(dtype)[:20]}; read are {", ".join(BYTES)}')
    if not all(type(number) is int and number >= 0 for number in (*shape, begin, end)):
        raise _invalid(path, f'has a shape or place of {name[:200]!r} that are no whole numbers')
    if len(shape) > 5 or any(not 1 <= side <= LARGEST_SIDE for side in shape):
        raise SidecarError(
            'lora-shape-absurd', f'{path.name} gives {name[:200]!r} the shape {str(shape)[:100]}'
        )
    return Entry(dtype, shape), begin, end


def _invalid(path: Path, what: str) -> SidecarError:
    return SidecarError('lora-invalid', f'{path.name} {what}')
