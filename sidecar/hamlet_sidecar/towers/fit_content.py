"""Fits the towers of content in closed form: no descent, no seed but that of what the landmarks are chosen from."""

import numpy as np
import scipy.linalg as linalg
import torch

from hamlet_sidecar.towers.content_towers import ContentItems, ContentTowers, TasteTower

# Of the largest variance: what whitening leaves of directions in which nothing differs, and what counts as none.
FLOOR, NOTHING = 1e-2, 1e-6
# Items that landmarks are chosen from: each is compared with every landmark.
FROM = 10_000


def fit_content(rows: list[np.ndarray], content: np.ndarray, looks: int, spec: dict) -> ContentTowers:
    """rows: what each person chose, columns of `content` (items, looks + tags). Nobody with one item tells anything."""
    known = content.any(1)
    candidates = np.flatnonzero(known)
    candidates = np.random.default_rng(spec['seed']).permutation(candidates)[:FROM]
    tags = content.shape[1] - looks
    share = spec['tagShare'] if tags else 0.0
    item = ContentItems(looks, tags, 1, 1, spec['kernelWidth'], share)
    whiten(item, content[known])
    every = torch.from_numpy(content)
    with torch.no_grad():
        picked = candidates[spread(item, every[candidates], spec['landmarks'])]
        item.landmarks = item.compared(every[picked])
        likeness = item.likeness(item.compared(every)).double().numpy()
    values, vectors = np.linalg.eigh(likeness[picked])
    kept = values > NOTHING * values[-1]
    basis = vectors[:, kept] / np.sqrt(values[kept])
    project, offset, shares = discriminants(rows, likeness @ basis, spec['ridge'], spec['d'])
    item.project = torch.from_numpy(basis @ project).float()
    item.offset = torch.from_numpy(offset).float()
    item.round()
    user = TasteTower(len(shares), spec['halfLife'])
    user.kept = torch.from_numpy(shares).float()
    return ContentTowers(item, user, every).eval()


def whiten(item: ContentItems, content: np.ndarray) -> None:
    """Directions of looks count alike however much items differ in them; a tag the more, the fewer have it."""
    looks, tags = content[:, : item.looks].astype(np.float64), content[:, item.looks :]
    mean = looks.mean(0)
    centred = looks - mean
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    scales = (values.clip(0) + FLOOR * values.max(initial=0)) ** -0.5
    item.mean = torch.from_numpy(mean).float()
    item.whiten = torch.from_numpy(vectors * scales).float()
    rarity = np.log(len(content) / ((tags > 0).sum(0) + 1)).clip(0.1) ** 0.5
    item.rarity = torch.from_numpy(rarity).float()


def spread(item: ContentItems, content: torch.Tensor, most: int) -> np.ndarray:
    """Rows of `content` that say most of all: each is the one that those before it explain least (pivoted Cholesky
    factor of the likenesses; Fine & Scheinberg, JMLR 2001). Ends where nothing is left to explain."""
    compared = item.compared(content).double().numpy()
    left = np.ones(len(compared))
    factor = np.zeros((min(most, len(compared)), len(compared)))
    rows: list[int] = []
    while len(rows) < len(factor) and left.max() > NOTHING:
        row, known = int(left.argmax()), len(rows)
        likeness = np.exp((compared @ compared[row] - 1) / item.width)
        factor[known] = (likeness - factor[:known, row] @ factor[:known]) / left[row] ** 0.5
        left -= factor[known] ** 2
        rows.append(row)
    return np.array(rows)


def discriminants(rows: list[np.ndarray], features: np.ndarray, ridge: float, d: int):
    """Linear discriminants of people: directions in which two things chosen by one person are alike.

    Answers the projection (m, d), the offset (d,), and ρ (d,): the part of the variance, among all that was chosen,
    that lies between people; the largest first, d of them at most, positive ones alone.
    """
    rows = [row for row in rows if len(row) > 1]
    counts = np.bincount(np.concatenate(rows), minlength=len(features)).astype(np.float64)
    mean = counts @ features / counts.sum()
    centred = features - mean
    total = (centred * counts[:, None]).T @ centred / counts.sum()
    sums = np.stack([centred[row].sum(0) for row in rows])
    a_pair = 1 / (np.array([len(row) for row in rows]) - 1)
    # Each item of a person beside each other one: all pairs, less those of an item and itself.
    itself = np.zeros(len(features))
    np.add.at(itself, np.concatenate(rows), np.repeat(a_pair, [len(row) for row in rows]))
    between = (sums * a_pair[:, None]).T @ sums - (centred * itself[:, None]).T @ centred
    between /= counts.sum()
    total += ridge * np.trace(total) / len(total) * np.eye(len(total))
    values, vectors = linalg.eigh((between + between.T) / 2, total)
    order = [n for n in np.argsort(-values)[:d] if values[n] > NOTHING] or [int(np.argmax(values))]
    project = vectors[:, order]
    return project, mean @ project, values[order].clip(NOTHING, 1 - NOTHING)
