"""Partial results on disk: a report that was stopped goes on where it was."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hamlet_sidecar.files import atomic_write_json


class Kept:
    def __init__(self, file: Path):
        self.file = file
        self.results: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self.results:
            self.results[name] = make()
            atomic_write_json(self.file, self.results)
        return self.results[name]
