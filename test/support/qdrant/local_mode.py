"""Replays recorded REST requests in qdrant-client's local mode, Qdrant's second implementation of itself.

Reads a JSON list of `{method, path, body}` and writes the list of their results (null where there is none
to compare), in the shapes of the REST answers.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from typing import Any
from urllib.parse import unquote, urlsplit

from qdrant_client import QdrantClient, models

warnings.filterwarnings('ignore')
client = QdrantClient(':memory:')


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return value.model_dump(exclude_none=True) if hasattr(value, 'model_dump') else value


def replay(method: str, path: str, body: Any) -> Any:
    if path == '/collections/aliases':
        kinds = {'create_alias': models.CreateAliasOperation, 'delete_alias': models.DeleteAliasOperation}
        actions = [kinds[next(iter(action))](**action) for action in body['actions']]
        return client.update_collection_aliases(actions)
    found = re.fullmatch(r'/collections/([^/]+)(/.*)?', path)
    if not found:
        return None
    name, action = found.groups()
    match (method, action):
        case ('PUT', None):
            vectors = {space: models.VectorParams(**params) for space, params in body['vectors'].items()}
            return client.create_collection(name, vectors_config=vectors)
        case ('DELETE', None):
            return client.delete_collection(name)
        case (_, '/points/batch'):
            operations = [models.UpsertOperation(**operation) for operation in body['operations']]
            client.batch_update_points(name, operations)
            return None
        case (_, '/points/query/batch'):
            return client.query_batch_points(
                name, [models.QueryRequest(**search) for search in body['searches']]
            )
        case (_, '/points'):
            return client.retrieve(name, body['ids'], body['with_payload'], body['with_vector'])
        case (_, '/points/scroll'):
            request = models.ScrollRequest(**body)
            points, following = client.scroll(
                name, request.filter, request.limit, None, request.offset, request.with_payload, False
            )
            return {'points': plain(points), 'next_page_offset': following}
        case (_, '/points/count'):
            return client.count(name, models.CountRequest(**body).filter, exact=body['exact'])
    return None


def result(exchange: dict) -> Any:
    path = unquote(urlsplit(exchange['path']).path)
    return plain(replay(exchange['method'], path, exchange.get('body')))


print(json.dumps([result(exchange) for exchange in json.load(sys.stdin)]))
