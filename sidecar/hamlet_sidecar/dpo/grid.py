"""Pictures side by side as PNG, for eyes."""

import io

import numpy as np
from PIL import Image
from torch import Tensor

GAP = 4


def bytes_of(pixels: Tensor) -> np.ndarray:
    """(n, RGB, side, side) in −1…1 to (n, side, side, RGB) of bytes."""
    return ((pixels.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()


def grid_png(rows: list[np.ndarray], cell: int = 96) -> bytes:
    """rows of (n, side, side, RGB) bytes, one below the other."""
    columns = max(map(len, rows))
    step = cell + GAP
    sheet = Image.new('RGB', (columns * step - GAP, len(rows) * step - GAP), 'white')
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            sheet.paste(Image.fromarray(picture).resize((cell, cell)), (x * step, y * step))
    file = io.BytesIO()
    sheet.save(file, 'PNG', optimize=True)
    return file.getvalue()
