"""What Hamlet asks of Qdrant, one function a route; each answers the `result` of Qdrant's envelope."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import qdrant_edge as engine
import wire
from storage import Storage
from wire import only

Route = Callable[..., Any]
ROUTES: list[tuple[str, re.Pattern[str], Route]] = []
HNSW = {'m': 16, 'ef_construct': 100, 'full_scan_threshold': 10_000}
OPTIMIZERS = {'deleted_threshold': 0.2, 'vacuum_min_vector_number': 1000, 'default_segment_number': 0}


def route(method: str, path: str) -> Callable[[Route], Route]:
    def register(function: Route) -> Route:
        ROUTES.append((method, re.compile(re.sub(r'\{(\w+)\}', r'(?P<\1>[^/]+)', path) + '$'), function))
        return function

    return register


@route('GET', '/collections')
def list_collections(storage: Storage, body: Any) -> dict:
    return {'collections': [{'name': name} for name in storage.collections]}


@route('GET', '/aliases')
def list_aliases(storage: Storage, body: Any) -> dict:
    pairs = storage.aliases.items()
    return {'aliases': [{'alias_name': alias, 'collection_name': name} for alias, name in pairs]}


@route('POST', '/collections/aliases')
def change_aliases(storage: Storage, body: Any) -> bool:
    storage.change_aliases(only(body, 'actions')['actions'])
    return True


@route('PUT', '/collections/{name}')
def create_collection(storage: Storage, body: Any, name: str) -> bool:
    fields = only(body, 'vectors', 'hnsw_config')
    hnsw = {**HNSW, **only(fields.get('hnsw_config', {}), 'm', 'ef_construct', 'full_scan_threshold')}
    storage.create(name, {'vectors': fields['vectors'], 'hnsw_config': hnsw})
    return True


@route('GET', '/collections/{name}')
def describe_collection(storage: Storage, body: Any, name: str) -> dict:
    collection = storage.find(name)
    info = collection.shard.info()
    return {
        'status': 'green' if collection.written is None else 'yellow',
        'optimizer_status': 'ok',
        'segments_count': info.segments_count,
        'points_count': info.points_count,
        'indexed_vectors_count': info.indexed_vectors_count,
        'config': {
            'params': {'vectors': collection.params['vectors']},
            'hnsw_config': collection.params['hnsw_config'],
            'optimizer_config': {**OPTIMIZERS, 'flush_interval_sec': 5},
        },
        'payload_schema': {
            key: {'data_type': str(index.data_type).split('.')[-1].lower(), 'points': index.points}
            for key, index in info.payload_schema.items()
        },
    }


@route('DELETE', '/collections/{name}')
def drop_collection(storage: Storage, body: Any, name: str) -> bool:
    return storage.drop(name)


@route('PUT', '/collections/{name}/index')
def create_index(storage: Storage, body: Any, name: str) -> dict:
    fields = only(body, 'field_name', 'field_schema')
    schema = wire.payload_schema(fields['field_schema'])
    storage.find(name).update(engine.UpdateOperation.create_field_index(fields['field_name'], schema))
    return {'operation_id': 0, 'status': 'completed'}


@route('POST', '/collections/{name}/points/batch')
def update_points(storage: Storage, body: Any, name: str) -> list[dict]:
    collection = storage.find(name)
    operations = [wire.upsert(operation) for operation in only(body, 'operations')['operations']]
    for operation in operations:
        collection.update(operation)
    return [{'operation_id': n, 'status': 'completed'} for n, _ in enumerate(operations)]


@route('POST', '/collections/{name}/points/query/batch')
def query_points(storage: Storage, body: Any, name: str) -> list[dict]:
    queries = [wire.query(search) for search in only(body, 'searches')['searches']]
    answers = storage.find(name).shard.query_batch(engine.QueryBatchRequest(queries))
    return [{'points': [wire.scored(found) for found in answer]} for answer in answers]


@route('POST', '/collections/{name}/points')
def retrieve_points(storage: Storage, body: Any, name: str) -> list[dict]:
    fields = only(body, 'ids', 'with_payload', 'with_vector')
    found = storage.find(name).shard.retrieve(fields['ids'], fields['with_payload'], fields['with_vector'])
    return [wire.record(entry) for entry in found]


@route('POST', '/collections/{name}/points/scroll')
def scroll_points(storage: Storage, body: Any, name: str) -> dict:
    fields = only(body, 'offset', 'limit', 'filter', 'with_payload', 'with_vector')
    request = engine.ScrollRequest(**{**fields, 'filter': wire.query_filter(fields.get('filter'))})
    found, following = storage.find(name).shard.scroll(request)
    return {'points': [wire.record(entry) for entry in found], 'next_page_offset': following}


@route('POST', '/collections/{name}/points/count')
def count_points(storage: Storage, body: Any, name: str) -> dict:
    fields = only(body, 'filter', 'exact')
    request = engine.CountRequest(filter=wire.query_filter(fields.get('filter')), exact=fields['exact'])
    return {'count': storage.find(name).shard.count(request)}
