"""Learning rate over a training."""

import math

WARMUP = 0.06


def rate_at(part: float) -> float:
    """Of the highest rate, at a part 0…1 of the training: linear warm-up, half a cosine to a hundredth."""
    if part < WARMUP:
        return (part + 1e-3) / WARMUP
    return 0.01 + 0.99 * (1 + math.cos(math.pi * (part - WARMUP) / (1 - WARMUP))) / 2
