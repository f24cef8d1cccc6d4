"""The matrix of θ, a LoRA a row, on disk: written file by file, taken up again where a job was stopped."""

import hashlib
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.files import atomic_write_json, disk_errors
from hamlet_sidecar.w2w.layout import Layout
from hamlet_sidecar.w2w.read import LoraFile

ROWS_A_SAVE = 50


@dataclass
class Energy:
    """‖ΔW‖² of all LoRAs by layer, and what the components keep of it."""

    kept: Counter = field(default_factory=Counter)
    whole: Counter = field(default_factory=Counter)

    def see(self, layer: str, components) -> None:
        self.kept[layer] += float(components.energy.sum()) * components.norm**2
        self.whole[layer] += components.norm**2

    def share(self, layer: str) -> float:
        return round(self.kept[layer] / self.whole[layer], 4) if self.whole[layer] > 0 else 0.0

    def total(self) -> float:
        whole = self.whole.total()
        return round(self.kept.total() / whole, 4) if whole > 0 else 0.0


class ThetaMatrix:
    """`members`: ids of the rows, in order. `left_out`: id to code of what could not be read after all."""

    def __init__(self, folder: Path, layout: Layout, files: dict[str, LoraFile]):
        self._folder, self._layout, self._files = folder, layout, files
        told = json.dumps([layout.layers, layout.k, list(files)])
        self._digest = hashlib.sha256(told.encode()).hexdigest()
        self.members: list[str] = []
        self.left_out: dict[str, str] = {}
        self.energy = Energy()
        resumed = self._resume()
        if not resumed:
            self._take_room(4 * len(files) * layout.size)
        self._rows = np.memmap(folder / 'theta.f32', np.float32, 'r+', shape=(len(files), layout.size))

    def _take_room(self, size: int) -> None:
        """All of it at once: a disk that fills up under a mapped file would kill the process."""
        with disk_errors('the matrix of θ'):
            self._folder.mkdir(parents=True, exist_ok=True)
            with open(self._folder / 'theta.f32', 'wb') as file:
                os.posix_fallocate(file.fileno(), 0, size)

    def fill(self, job) -> np.memmap:
        """(members, d). A file that turns out not to be readable is left out."""
        seen = {*self.members, *self.left_out}
        for id, file in self._files.items():
            if id in seen:
                continue
            job.raise_if_cancelled()
            try:
                theta = self._layout.theta(file.delta_or_none, tell=self.energy.see)
                self._rows[len(self.members)] = theta.numpy()
                self.members.append(id)
            except SidecarError as error:
                job.log(f'{id} is left out: {error.code}: {error}')
                self.left_out[id] = error.code
            done = len(self.members) + len(self.left_out)
            job.progress(0.6 * done / len(self._files), read=done)
            if done % ROWS_A_SAVE == 0 or done == len(self._files):
                self._save()
        return self._rows[: len(self.members)]

    def remove(self) -> None:
        del self._rows
        (self._folder / 'theta.f32').unlink(missing_ok=True)

    def _save(self) -> None:
        self._rows.flush()
        state = {'members': self.members, 'leftOut': self.left_out}
        energy = {'kept': self.energy.kept, 'whole': self.energy.whole}
        atomic_write_json(self._folder / 'theta.json', {'digest': self._digest, **state, **energy})

    def _resume(self) -> bool:
        try:
            state = json.loads((self._folder / 'theta.json').read_text())
        except (OSError, ValueError):
            return False
        if state['digest'] != self._digest or not (self._folder / 'theta.f32').is_file():
            return False
        self.members, self.left_out = state['members'], state['leftOut']
        self.energy = Energy(Counter(state['kept']), Counter(state['whole']))
        return True
