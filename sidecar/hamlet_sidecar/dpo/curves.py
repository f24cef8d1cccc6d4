"""Curves of a training as SVG, one panel a figure."""

import numpy as np

WIDTH, HEIGHT, PADDING = 300, 150, 30
SMOOTH = 5
PANELS = (
    ('loss', (('loss', '#1f5fa8'),)),
    ('implicit accuracy', (('accuracy', '#1f5fa8'),)),
    ('margin', (('margin', '#1f5fa8'),)),
    ('error − reference: winner, loser', (('winnerGain', '#2a7f3f'), ('loserGain', '#b0382a'))),
    ('win rate on held-out prompts', (('winRate', '#1f5fa8'),)),
)


def curves_svg(steps: list[dict], looks: list[dict]) -> str:
    panels = []
    for place, (title, lines) in enumerate(PANELS):
        rows = looks if lines[0][0] == 'winRate' else steps
        series = [(colour, [(row['step'], row[name]) for row in rows]) for name, colour in lines]
        panels.append(f'<g transform="translate({place % 3 * WIDTH} {place // 3 * HEIGHT})">')
        panels.append(_panel(title, series) + '</g>')
    size = f'width="{3 * WIDTH}" height="{2 * HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="10">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(panels)}</svg>'
    )


def _panel(title: str, series: list[tuple[str, list[tuple[float, float]]]]) -> str:
    values = np.array([y for _, points in series for _, y in points] or [0.0])
    low, high = float(values.min()), float(values.max())
    span = high - low or 1.0
    last = max([x for _, points in series for x, _ in points] or [1])
    marks = f'<text x="{PADDING}" y="14">{title}</text>'
    for text, y in ((f'{high:.3g}', 24), (f'{low:.3g}', HEIGHT - PADDING / 3)):
        marks += f'<text x="2" y="{y}" fill="#666">{text}</text>'
    for colour, points in series:
        smooth = [
            (x, np.mean([y for _, y in points[max(0, i - SMOOTH + 1) : i + 1]]))
            for i, (x, _) in enumerate(points)
        ]
        path = ' '.join(
            f'{PADDING + x / last * (WIDTH - 1.5 * PADDING):.1f},'
            f'{HEIGHT - PADDING / 2 - (y - low) / span * (HEIGHT - 1.5 * PADDING):.1f}'
            for x, y in smooth
        )
        marks += f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    return marks
