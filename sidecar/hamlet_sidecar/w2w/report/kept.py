"""Partial results on disk: a report that was stopped goes on where it was."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hamlet_sidecar.files import atomic_write_json


class Kept:
    """`expected`: how many there will be, for the progress that is told on standard error."""

    def __init__(self, file: Path, expected: int):
        self.file, self.expected = file, expected
        self.results: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self.results:
            self.results[name] = make()
            atomic_write_json(self.file, self.results)
            part = min(1.0, len(self.results) / self.expected)
            print(f'progress {part:.3f} {name}', file=sys.stderr, flush=True)
        return self.results[name]
