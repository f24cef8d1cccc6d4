"""What a training of two towers may be told, and what it does where it is told nothing."""

from typing import Any

from hamlet_sidecar.errors import SidecarError

DEFAULTS: dict[str, Any] = {
    # `ids`: vectors of each item, which begin in the graph of people and items. `content`: what a snapshot says of
    # looks and tags alone, fitted in closed form (`fit_content.py`); for items that come and go.
    'of': 'ids',
    # Items this model is about: `image` or `model`. Only items of a snapshot have a kind.
    'items': 'image',
    # Of a snapshot: deeds weaker than this are no part of a history (EVENT_STRENGTH in src/events/types.ts).
    'minStrength': 0.0,
    # Whose deeds make a history: with items of their `own` kind, or of `all` kinds, as towers of content do, for what
    # somebody likes of pictures tells what they want of models.
    'histories': 'own',
    # Width of the vectors; newest items of a history that are pooled.
    'd': 128,
    'length': 200,
    # `spectral`: the leading singular vectors of the interactions, divided by the roots of both degrees, as in
    # graph filtering (GF-CF, Shen et al. 2021); `random` otherwise.
    'initial': 'spectral',
    # What the singular values are raised to: 0 lets all kept frequencies pass alike. And how an item's degree
    # counts there: to minus the one power within a history, to the other where it is asked about (GF-CF: .5, .5).
    'filter': 0.5,
    'historyDegree': 0.4,
    'itemDegree': 0.4,
    # Share of a history that is hidden and asked for, where there is no order. With one: what came after a
    # moment is asked for, at most `targets` items.
    'hidden': 0.5,
    'targets': 10,
    # Share of the items that a step sees by their content alone, so that new ones can be.
    'idDropout': 0.2,
    # Width of the layer behind the pooled history; 0 has none.
    'layer': 0,
    # An item's vector has length 1, or the one it takes; products are divided by the temperature.
    'similarity': 'cosine',
    'temperature': 0.1,
    # 0: the softmax is over the whole catalogue. Else over what the batch asks for and so many drawn, half by
    # popularity, half alike, each corrected by how likely it was to be there (logQ).
    'negatives': 0,
    # A person counts (number of items asked for) to this power: 0 all alike, 1 every deed alike.
    'weightOfMany': 0.5,
    # People a step; Adam's rate, which rises over `warmup` steps and falls as a cosine where `epochs` is final.
    'batch': 512,
    'learningRate': 1e-3,
    'weightDecay': 0.0,
    'warmup': 20,
    # Decay a step of averaged weights, which are what is validated and exported; 0 averages nothing.
    'average': 0.0,
    # At most so many epochs; ends sooner when `patience` of them have brought no better NDCG@20.
    'epochs': 60,
    'patience': 5,
    # Without an order: share of each history kept for validation; 0 learns from everything for all `epochs`.
    # With an order it is the last item, or none.
    'validation': 0.1,
    # People who are asked about after each epoch; all of them if there are fewer.
    'judged': 5000,
    'precision': 'bf16',
    # Of content: items that others are compared with, how near (cosine) they have to be, the part of the tags in
    # that, what keeps rare directions from being taken for taste, and after how many later choices one counts half.
    'landmarks': 600,
    'kernelWidth': 0.6,
    'tagShare': 0.85,
    'ridge': 0.3,
    'halfLife': 60,
    # So many of the last blocks of CLIP's vision transformer, and its projection, are trained with the towers; 0: the
    # snapshot's vectors of content stay as they are. `clip` and `pixels` are folders that the api names.
    'visionBlocks': 0,
    # What the transformer begins as: what CLIP has learned, or (only for comparison) nothing.
    'visionInitial': 'clip',
    # Items that a step sees anew; the others are as the last epoch left them.
    'visionSample': 512,
    # The rate of those blocks beside `learningRate`.
    'visionRate': 0.1,
    'seed': 1,
}


def complete(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with every default. Raises SidecarError `spec-invalid` for what contradicts itself."""
    if ('interactions' in spec) == ('snapshot' in spec):
        raise SidecarError('spec-invalid', '/spec needs either interactions or snapshot', 400)
    if spec.get('of') == 'content' and 'snapshot' not in spec:
        raise SidecarError('spec-invalid', '/spec/of: only a snapshot says what items look like', 400)
    of_content = spec.get('of') == 'content'
    if spec.get('histories') == 'all' and not of_content:
        raise SidecarError(
            'spec-invalid', '/spec/histories: only content says what other kinds are like', 400
        )
    if spec.get('visionBlocks') and 'snapshot' not in spec:
        raise SidecarError('spec-invalid', '/spec/visionBlocks: only a snapshot comes with pictures', 400)
    return {**DEFAULTS, 'histories': 'all' if of_content else 'own', **spec}
