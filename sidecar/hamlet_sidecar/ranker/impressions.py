"""What lists showed, by which features, and what people did with it: as the api wrote it for this training."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hamlet_sidecar.artifacts import read_manifest, verify_files
from hamlet_sidecar.errors import SidecarError

LISTS = 'lists.parquet'
# Lists with something that was acted on: fewer teach nothing, and fewer later ones judge nothing.
ENOUGH = 20
# The latest lists are not learned from: models are judged by them.
LATEST = 0.2


@dataclass(frozen=True)
class Impressions:
    """One row a place that was shown, list by list in the order of time.

    features: (rows, names) in [0, 1]; outcomes: how strong the strongest deed was, 0 where nothing was done;
    scores: what the place was ranked by when it was served; lists, people, positions: numbers.
    blend: weights of the hand-set blend, by feature; 0 where it has none.
    """

    names: list[str]
    features: np.ndarray
    positions: np.ndarray
    outcomes: np.ndarray
    scores: np.ndarray
    lists: np.ndarray
    people: np.ndarray
    blend: np.ndarray
    digest: str

    def of(self, rows: np.ndarray) -> 'Impressions':
        parts = ('features', 'positions', 'outcomes', 'scores', 'lists', 'people')
        return Impressions(
            self.names, *(getattr(self, part)[rows] for part in parts), self.blend, self.digest
        )

    def numbered(self, lists: np.ndarray) -> 'Impressions':
        return replace(self, lists=lists)


def read_impressions(folder: Path) -> Impressions:
    """Lists from before a feature was added have 0 for it; those of other features are left out.

    Raises SidecarError `artifact-invalid`, `digest-mismatch`, or `dataset-empty`.
    """
    import pyarrow.parquet as parquet

    manifest = read_manifest(folder)
    verify_files(folder, manifest)
    told = parquet.read_table(folder / LISTS).to_pylist()
    names = json.loads(told[-1]['names']) if told else []
    kept = [(one, own) for one in told if (own := json.loads(one['names'])) == names[: len(own)]]
    rows = [_rows_of(one, number, len(own), len(names)) for number, (one, own) in enumerate(kept)]
    if sum(part['outcomes'].max(initial=0) > 0 for part in rows) < 2 * ENOUGH:
        raise SidecarError(
            'dataset-empty',
            f'something was done with fewer than {2 * ENOUGH} of {len(kept)} logged lists: nothing to learn',
        )
    joined = {name: np.concatenate([part[name] for part in rows]) for name in rows[0]}
    blend = _blend_of(manifest, names)
    return Impressions(names, **joined, blend=blend, digest=manifest['dataset']['digest'])


def _blend_of(manifest: dict[str, Any], names: list[str]) -> np.ndarray:
    try:
        weights = json.loads(manifest['parameters']['blend'])
        blend = np.array([float(weights.get(name, 0)) for name in names], np.float32)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SidecarError('artifact-invalid', 'the manifest names no weights of a blend') from error
    if not (np.isfinite(blend).all() and (blend >= 0).all() and blend.any()):
        raise SidecarError('artifact-invalid', f'weights of a blend are 0 and more, not {weights}')
    return blend


def _rows_of(one: dict[str, Any], number: int, width: int, wanted: int) -> dict[str, np.ndarray]:
    """The places of one list that were shown: an outcome of null was not. width: of what was logged."""
    features = np.frombuffer(bytes.fromhex(one['features']), np.uint8).reshape(-1, width) / np.float32(255)
    features = np.pad(features, ((0, 0), (0, wanted - width)))
    outcomes = np.array(json.loads(one['outcomes']), float)[: len(features)]
    shown = np.flatnonzero(~np.isnan(outcomes))
    return {
        'features': features[shown],
        'positions': shown,
        'outcomes': outcomes[shown].astype(np.float32),
        'scores': np.array(json.loads(one['scores']), float)[shown],
        'lists': np.full(len(shown), number),
        'people': np.full(len(shown), one['user']),
    }


def split_by_time(all_of_them: Impressions) -> tuple[Impressions, Impressions]:
    """Earlier lists to choose and learn by, the latest to judge by. Raises SidecarError `dataset-empty`."""
    first = int(np.ceil((all_of_them.lists.max() + 1) * (1 - LATEST)))
    earlier = all_of_them.of(all_of_them.lists < first)
    later = all_of_them.of(all_of_them.lists >= first)
    for part, name, enough in ((earlier, 'earlier', ENOUGH), (later, 'latest', ENOUGH // 4)):
        acted = len(np.unique(part.lists[part.outcomes > 0]))
        if acted < enough:
            raise SidecarError(
                'dataset-empty', f'something was done with {acted} of the {name} lists: too few'
            )
    return earlier, later
