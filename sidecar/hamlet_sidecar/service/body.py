"""Reads a request's JSON without trusting its length or its depth."""

import json
from typing import Any

from fastapi import Request

from hamlet_sidecar.errors import SidecarError

LARGEST = 1 << 20


async def read_json(request: Request) -> Any:
    """Raises SidecarError `body-too-large` or `invalid-json`."""
    body = b''
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise SidecarError('body-too-large', f'a body has at most {LARGEST} bytes', 413)
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise SidecarError('invalid-json', 'the body is not JSON that can be read', 400) from error


def _refuse(word: str) -> None:
    raise ValueError(word)
