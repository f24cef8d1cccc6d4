"""A grid of pictures over α: a row a prompt, with the same seed in all its columns."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw
from torch import Tensor

GAP, HEAD, SIDE = 4, 18, 128
INK, BEYOND, PAPER = (20, 20, 20), (190, 30, 30), (255, 255, 255)


def grid(columns: Sequence[Tensor], heads: Sequence[str], beyond: Sequence[bool]) -> bytes:
    """columns: each (n, RGB, side, side) in −1…1. What lies beyond what the space's LoRAs show has a red head."""
    rows = len(columns[0])
    width, height = len(columns) * (SIDE + GAP) + GAP, rows * (SIDE + GAP) + HEAD + GAP
    sheet = Image.new('RGB', (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    for x, (column, head, outside) in enumerate(zip(columns, heads, beyond, strict=True)):
        left = GAP + x * (SIDE + GAP)
        pen.text((left + 2, 3), head, fill=BEYOND if outside else INK)
        for y, picture in enumerate(column):
            sheet.paste(picture_of(picture), (left, HEAD + y * (SIDE + GAP)))
    out = io.BytesIO()
    sheet.save(out, 'PNG', optimize=True)
    return out.getvalue()


def picture_of(pixels: Tensor, side: int = SIDE) -> Image.Image:
    values = ((pixels.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    return Image.fromarray(np.ascontiguousarray(values)).resize((side, side), Image.Resampling.LANCZOS)
