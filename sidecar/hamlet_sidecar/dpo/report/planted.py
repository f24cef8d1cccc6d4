"""A planted platform for the report: topics, communities with a taste each, and the log that they leave.

The constants of looking and liking are those of the demo world (seed/sessions.ts, seed/reactions.ts).
"""

from dataclasses import dataclass

import numpy as np

from hamlet_sidecar.dpo.pairs.pool import Pool, Showings
from hamlet_sidecar.pictures import Pictures

TOPICS = ('lighthouse', 'castle', 'sailboat')
PEOPLE, PAGES, PLACES = 60, 12, 12
ATTENTION, ACCIDENT, AFFINITY = 0.88, 0.003, 0.85
LOVES, INDIFFERENT = (1.0, 0.8, 0.6), 0.15
# How much of a person's taste is the community's.
SHARED = 0.7
# People who are asked about a pair; an odd number has no draws.
VOTES = 25


@dataclass(frozen=True)
class Planted:
    """Tastes over the styles of the grammar, each 0…1: of each topic's community, and of all people."""

    styles: list[str]
    communities: dict[str, np.ndarray]

    @property
    def population(self) -> np.ndarray:
        return np.mean(list(self.communities.values()), axis=0)

    def taste(self, values: np.ndarray) -> dict[str, float]:
        return {style: float(value) for style, value in zip(self.styles, values, strict=True)}


def plant(pictures: Pictures, topics: tuple[str, ...], seed: int) -> Planted:
    """Three loved styles a community, no two communities sharing one while there are enough."""
    random = np.random.default_rng([seed, 1])
    styles = list(pictures.grammar['style'])
    order = random.permutation(len(styles))
    communities = {}
    for number, topic in enumerate(topics):
        taste = random.uniform(0, 0.2, len(styles))
        for place, love in enumerate(LOVES):
            taste[order[(3 * number + place) % len(styles)]] = love
        communities[topic] = taste
    return Planted(styles, communities)


def three_users(planted: Planted, seed: int) -> dict[str, np.ndarray]:
    """One with a taste as narrow as the demo world's people have, its opposite, and one who agrees with neither.

    Of 16 styles one loves three (1, .8, .6) and dislikes three (0), the opposite the reverse; the orthogonal loves
    and dislikes three each of the others. What nobody named is INDIFFERENT to them.
    """
    count = len(planted.styles)
    order = np.random.default_rng([seed, 2]).permutation(count)
    first, second, third, fourth = (order[(place + np.arange(3)) % count] for place in (0, 3, 6, 9))
    sides = {'one': (first, second), 'opposite': (second, first), 'orthogonal': (third, fourth)}
    tastes = {}
    for name, (loved, disliked) in sides.items():
        tastes[name] = np.full(count, INDIFFERENT)
        tastes[name][loved], tastes[name][disliked] = LOVES, 0
    return tastes


def topic_pool(pictures: Pictures, topic: str, side: int) -> tuple[Pool, np.ndarray]:
    """The topic's pictures without a log yet, and (n,) the style of each."""
    from hamlet_sidecar.diffusion.fit_vae import small_pixels
    from hamlet_sidecar.dpo.grid import bytes_of

    places = np.array([i for i, record in enumerate(pictures.records) if record['subject'] == topic])
    records = [pictures.records[i] for i in places]
    styles = list(pictures.grammar['style'])
    nobody = Showings(*(np.zeros(0, int),) * 3, np.zeros(0), *(np.zeros(0, bool),) * 2)
    pixels = bytes_of(small_pixels(pictures, places))
    assert pixels.shape[1] == side
    pool = Pool(pixels, [r['id'] for r in records], [r['prompt'] for r in records], nobody, {})
    return pool, np.array([styles.index(record['style']) for record in records])


def live(tastes: np.ndarray, styles: np.ndarray, pages: int, seed: int) -> Showings:
    """tastes: (people, styles). What each was shown by habit, and what they did; what was not looked at too."""
    random = np.random.default_rng([seed, 3])
    appeal = random.lognormal(0, 0.7, len(styles))
    rows = []
    for person, taste in enumerate(tastes):
        chances = appeal / appeal.sum()
        known: set[int] = set()
        for _ in range(pages):
            page = random.choice(len(styles), min(PLACES, len(styles)), replace=False, p=chances)
            for position, picture in enumerate(page):
                if picture in known:
                    continue
                known.add(int(picture))
                looked = random.random() < ATTENTION**position
                liked = looked and random.random() < ACCIDENT + AFFINITY * taste[styles[picture]]
                rows.append((person, picture, position, looked, liked))
    user, picture, position, seen, liked = map(np.array, zip(*rows, strict=True))
    return Showings(user, picture, position, np.full(len(user), np.nan), seen, liked)


def community(taste: np.ndarray, people: int, seed: int) -> np.ndarray:
    """(people, styles): the shared taste, and two styles of one's own."""
    random = np.random.default_rng([seed, 4])
    own = np.zeros((people, len(taste)))
    for row in own:
        row[random.choice(len(taste), 2, replace=False)] = 1
    return np.clip(SHARED * taste + (1 - SHARED) * own, 0, 1)


def planted_pairs(tastes: np.ndarray, pictures: Pictures, count: int, seed: int) -> np.ndarray:
    """(count, 2) places of winner and loser, as most of VOTES people would have it.

    Single votes of people who disagree teach a line nothing: of 1,000 pairs of the demo world it then named 48 %.
    """
    random = np.random.default_rng([seed, 5])
    styles = list(pictures.grammar['style'])
    style = np.array([styles.index(record['style']) for record in pictures.records])
    pairs = random.integers(len(style), size=(count, 2))
    people = random.integers(len(tastes), size=(count, VOTES))
    liking = tastes[people[:, :, None], style[pairs][:, None, :]]
    chances = 1 / (1 + np.exp(-6 * (liking[:, :, 0] - liking[:, :, 1])))
    first = (random.random(chances.shape) < chances).mean(1) > 0.5
    return np.where(first[:, None], pairs, pairs[:, ::-1])
