"""Figures of spaces of weights: bench/w2w.ts runs them and keeps what they say."""

from pathlib import Path

THREADS = 2


def figures(what: str, loras: int | None, weights: Path) -> dict:
    if what == 'scale':
        from hamlet_sidecar.w2w.bench.scale import scale

        return scale(loras or 5000, THREADS)
    if what == 'whole':
        from hamlet_sidecar.w2w.bench.whole import whole

        return whole(loras or 1000, THREADS)
    if what == 'sd15':
        from hamlet_sidecar.w2w.bench.sd15 import full_size

        return full_size()
    from hamlet_sidecar.w2w.bench.components import components

    return components(weights)
