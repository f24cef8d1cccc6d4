"""Collections and aliases in a folder: one engine shard a collection, `aliases.json` beside them."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import qdrant_edge as engine
import wire

QUIET_SECONDS = 1.0


class NotFound(Exception):
    """Answered with 404, as Qdrant does."""


class Collection:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.params = json.loads((folder / 'config.json').read_text())
        self.shard = engine.EdgeShard.load(str(folder / 'shard'))
        self.written: float | None = None

    @staticmethod
    def create(folder: Path, params: dict) -> Collection:
        half = folder.with_name(folder.name + '.half')
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        (half / 'config.json').write_text(json.dumps(params))
        shard = engine.EdgeShard.create(
            str(half / 'shard'), wire.shard_config(params['vectors'], params['hnsw_config'])
        )
        shard.flush()
        shard.close()
        half.rename(folder)
        return Collection(folder)

    def update(self, operation: engine.UpdateOperation) -> None:
        self.shard.update(operation)
        self.written = time.monotonic()

    def optimize_when_quiet(self) -> None:
        """Builds graphs as Qdrant does in the background. The engine does it in one go: nobody is served."""
        if self.written is not None and time.monotonic() - self.written > QUIET_SECONDS:
            self.shard.optimize()
            self.written = None


class Storage:
    """One at a time: the caller holds a lock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / 'collections').mkdir(parents=True, exist_ok=True)
        for half in root.glob('collections/*.half'):
            shutil.rmtree(half)
        self.collections = {folder.name: Collection(folder) for folder in root.glob('collections/*')}
        aliases = root / 'aliases.json'
        self.aliases: dict[str, str] = json.loads(aliases.read_text()) if aliases.exists() else {}

    def find(self, name: str) -> Collection:
        collection = self.collections.get(self.aliases.get(name, name))
        if collection is None:
            raise NotFound(f"Not found: Collection `{name}` doesn't exist!")
        return collection

    def create(self, name: str, params: dict) -> None:
        if name in self.collections or name in self.aliases:
            raise wire.WrongInput(f'Collection `{name}` already exists!')
        self.collections[name] = Collection.create(self.root / 'collections' / name, params)

    def drop(self, name: str) -> bool:
        collection = self.collections.pop(name, None)
        if collection is None:
            return False
        self._set_aliases({alias: to for alias, to in self.aliases.items() if to != name})
        collection.shard.close()
        shutil.rmtree(collection.folder)
        return True

    def change_aliases(self, actions: list[dict]) -> None:
        """All of them or none."""
        aliases = dict(self.aliases)
        for action in actions:
            fields = wire.only(action, 'create_alias', 'delete_alias')
            if 'delete_alias' in fields:
                aliases.pop(fields['delete_alias']['alias_name'], None)
                continue
            alias, name = fields['create_alias']['alias_name'], fields['create_alias']['collection_name']
            if name not in self.collections:
                raise NotFound(f"Not found: Collection `{name}` doesn't exist!")
            if alias in self.collections:
                raise wire.WrongInput(f'Collection `{alias}` already exists!')
            aliases[alias] = name
        self._set_aliases(aliases)

    def _set_aliases(self, aliases: dict[str, str]) -> None:
        beside = self.root / 'aliases.json.new'
        beside.write_text(json.dumps(aliases))
        os.replace(beside, self.root / 'aliases.json')
        self.aliases = aliases
