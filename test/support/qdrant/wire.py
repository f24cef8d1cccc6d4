"""Qdrant's REST bodies as objects of its engine, and back. What Hamlet does not send is refused."""

from __future__ import annotations

from typing import Any

import qdrant_edge as engine


class WrongInput(Exception):
    """Answered with 400, as Qdrant does."""


def only(body: Any, *fields: str) -> dict:
    """The body, which must be an object of no other fields: a misspelt one must not pass unseen."""
    if not isinstance(body, dict):
        raise WrongInput(f'an object is expected, not {type(body).__name__}')
    unknown = sorted(set(body) - set(fields))
    if unknown:
        raise WrongInput(f'this server does not know {", ".join(unknown)}')
    return body


DISTANCES = {'Cosine': engine.Distance.Cosine, 'Dot': engine.Distance.Dot}


def shard_config(vectors: dict, hnsw: dict) -> engine.EdgeConfig:
    return engine.EdgeConfig(
        vectors={
            name: engine.EdgeVectorParams(size=params['size'], distance=DISTANCES[params['distance']])
            for name, params in vectors.items()
        },
        hnsw_config=engine.HnswIndexConfig(**hnsw),
    )


def payload_schema(params: dict) -> Any:
    if params['type'] == 'keyword':
        return engine.KeywordIndexParams()
    fields = only(params, 'type', 'lookup', 'range')
    return engine.IntegerIndexParams(lookup=fields['lookup'], range=fields['range'])


def point(body: dict) -> engine.Point:
    fields = only(body, 'id', 'vector', 'payload')
    return engine.Point(fields['id'], fields['vector'], fields['payload'])


def upsert(body: dict) -> engine.UpdateOperation:
    fields = only(only(body, 'upsert')['upsert'], 'points', 'update_filter')
    points = [point(entry) for entry in fields['points']]
    return engine.UpdateOperation.upsert_points(points, condition=query_filter(fields.get('update_filter')))


def query_filter(body: dict | None) -> engine.Filter | None:
    if body is None:
        return None
    fields = only(body, 'must', 'must_not')
    return engine.Filter(
        must=[condition(entry) for entry in fields.get('must', [])] or None,
        must_not=[condition(entry) for entry in fields.get('must_not', [])] or None,
    )


def condition(body: dict) -> Any:
    if 'has_id' in body:
        return engine.HasIdCondition(set(only(body, 'has_id')['has_id']))
    fields = only(body, 'key', 'match', 'range')
    if 'match' in fields:
        return engine.FieldCondition(
            fields['key'], match=engine.MatchAny(only(fields['match'], 'any')['any'])
        )
    return engine.FieldCondition(
        fields['key'], range=engine.RangeFloat(**only(fields['range'], 'lt', 'lte', 'gt', 'gte'))
    )


def search_params(body: dict | None) -> engine.SearchParams | None:
    if body is None:
        return None
    fields = dict(only(body, 'hnsw_ef', 'exact', 'acorn'))
    if 'acorn' in fields:
        fields['acorn'] = engine.AcornSearchParams(**only(fields['acorn'], 'enable', 'max_selectivity'))
    return engine.SearchParams(**fields)


def query(body: dict) -> engine.QueryRequest:
    fields = only(body, 'query', 'using', 'limit', 'filter', 'params', 'with_payload', 'with_vector')
    return engine.QueryRequest(
        limit=fields['limit'],
        query=engine.Query.Nearest(fields['query'], fields['using']),
        filter=query_filter(fields.get('filter')),
        params=search_params(fields.get('params')),
        with_payload=fields['with_payload'],
        with_vector=fields['with_vector'],
    )


def scored(found: engine.ScoredPoint) -> dict:
    return {'id': found.id, 'version': found.version, 'score': found.score}


def record(found: engine.Record) -> dict:
    told: dict = {'id': found.id}
    if found.payload is not None:
        told['payload'] = found.payload
    if found.vector is not None:
        told['vector'] = found.vector
    return told
