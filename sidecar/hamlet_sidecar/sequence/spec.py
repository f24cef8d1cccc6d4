"""What a training of SASRec may be told, and what it does where it is told nothing."""

from typing import Any

from hamlet_sidecar.errors import SidecarError

DEFAULTS: dict[str, Any] = {
    # Items this model is about: `image` or `model`. Only items of a snapshot have a kind.
    'items': 'image',
    # Of a snapshot: deeds weaker than this are no part of a history (EVENT_STRENGTH in src/events/types.ts).
    'minStrength': 0.0,
    # Width, blocks and heads; newest items of a history that are looked at.
    'd': 64,
    'blocks': 2,
    'heads': 2,
    'length': 200,
    # Of the embeddings and of what each block adds.
    'dropout': 0.2,
    # `rope` turns queries and keys (Su et al. 2021); `learned` adds a vector a place.
    'position': 'rope',
    # Learned bias by distance in the attention, a head each (the position part of HSTU, Zhai et al. 2024).
    'distanceBias': False,
    # Gates on what a block adds (LiGR, Borisyuk et al. 2025).
    'gated': False,
    # `full`: softmax over the whole catalogue; `sampled`: over `negatives` drawn by popularity, with logQ.
    'loss': 'full',
    'negatives': 3000,
    # `cosine` needs a temperature of about .05; `dot` none.
    'similarity': 'dot',
    'temperature': 1.0,
    # With `full` only.
    'labelSmoothing': 0.0,
    # Part of an item's vector that is the mean of its neighbours' in the histories learned from (smoothing.py). The
    # neighbours are in memory: some 8 bytes for each deed and each of 6 places beside it.
    'smoothing': 0.0,
    # Share of the histories, anew each epoch, of which a random part is seen and not the newest one.
    'subsequence': 0.0,
    # Epochs without it at first: the newest parts alone teach faster, the others carry on when these teach no more.
    'subsequenceAfter': 0,
    # Histories a step. The rate of AdamW rises over `warmup` steps; then it stays, and early stopping decides the
    # end (`constant`), or falls to nothing by the last of `epochs` (`linear`).
    'schedule': 'constant',
    'batch': 128,
    'learningRate': 1e-3,
    'weightDecay': 0.0,
    'warmup': 100,
    # Decay a step of averaged weights, which are what is validated and exported; 0 averages nothing.
    'average': 0.0,
    # At most so many epochs; ends sooner when `patience` of them have brought no better NDCG@10.
    'epochs': 200,
    'patience': 20,
    # Matrix products in bfloat16 or float32; weights and softmax stay float32.
    'precision': 'bf16',
    'seed': 1,
}


def complete(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with every default. Raises SidecarError `spec-invalid` for what contradicts itself."""
    if ('sequences' in spec) == ('snapshot' in spec):
        raise SidecarError('spec-invalid', '/spec needs either sequences or snapshot', 400)
    # A benchmark hides the last item for its test and the one before for choices; a platform only needs the latter.
    whole = {**DEFAULTS, 'withheld': 2 if 'sequences' in spec else 1, **spec}
    if whole['d'] % (2 * whole['heads']) != 0:
        raise SidecarError('spec-invalid', '/spec/d must be a multiple of twice /spec/heads', 400)
    if whole['loss'] == 'sampled' and whole['labelSmoothing'] > 0:
        raise SidecarError('spec-invalid', '/spec/labelSmoothing has no meaning with a sample', 400)
    if 'start' in whole and whole['smoothing'] > 0:
        # What starts it is a table that was settled already: smoothed again it would know less than it did.
        raise SidecarError('spec-invalid', '/spec/smoothing has no meaning with /spec/start', 400)
    return whole
