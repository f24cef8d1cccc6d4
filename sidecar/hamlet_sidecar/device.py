"""What the jobs of this machine run on, found out without loading PyTorch into the service."""

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Device:
    """kind: `cuda` or `cpu`, as PyTorch names it; name: for people."""

    kind: str
    name: str


@cache
def device() -> Device:
    """The first NVIDIA GPU its driver knows, else the processor; asked once."""
    name = _nvidia('name')
    return Device('cuda', name) if name else Device('cpu', 'CPU')


def free_memory_mb() -> float:
    """Of the GPU when there is one, else what the kernel would give before it swaps."""
    if device().kind == 'cuda':
        return float(_nvidia('memory.free') or 0)
    for line in _lines('/proc/meminfo'):
        if line.startswith('MemAvailable:'):
            return int(line.split()[1]) / 1024
    return 0.0


def oom_kills() -> int:
    """How many processes the kernel has killed for want of memory, here or in our cgroup."""
    found = [*_lines('/proc/vmstat'), *_lines('/sys/fs/cgroup/memory.events')]
    return sum(int(line.split()[1]) for line in found if line.startswith('oom_kill '))


def _nvidia(field: str) -> str:
    if shutil.which('nvidia-smi') is None:
        return ''
    words = ['nvidia-smi', f'--query-gpu={field}', '--format=csv,noheader,nounits']
    asked = subprocess.run(words, capture_output=True, text=True, check=False, timeout=10)
    return asked.stdout.splitlines()[0].strip() if asked.returncode == 0 and asked.stdout.strip() else ''


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text().splitlines()
    except OSError:
        return []
