"""The most memory this process has held."""

import resource

import torch


def peak_memory_mb() -> int:
    """Of the GPU where there is one, else of the process (Linux tells kilobytes)."""
    if torch.cuda.is_available():
        return round(torch.cuda.max_memory_allocated() / 2**20)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
