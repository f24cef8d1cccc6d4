"""Histories whose next item is known: everyone walks on around a ring."""

from pathlib import Path

RING = 50
# Enough to learn a ring in seconds.
SMALL = {
    'sequences': 'ring.txt',
    **{'d': 16, 'heads': 1, 'blocks': 1, 'dropout': 0.0, 'length': 20},
    **{'epochs': 12, 'patience': 3, 'batch': 32, 'learningRate': 0.01, 'warmup': 5},
}


def write_ring(file: Path, users: int = 150) -> None:
    """5 to 20 consecutive items each, `user item item …` a line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    for user in range(users):
        walked = [f'i{(user * 7 + step) % RING}' for step in range(5 + user % 16)]
        rows.append(' '.join([f'u{user}', *walked]))
    file.write_text('\n'.join(rows) + '\n')
