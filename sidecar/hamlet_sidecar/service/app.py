"""The routes. Every answer that is not one is problem+json with a code, as the api's own are."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException

from hamlet_sidecar.contract import CONTRACT
from hamlet_sidecar.device import device, free_memory_mb
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.desk import Desk
from hamlet_sidecar.jobs.record import FINAL, JobRecord
from hamlet_sidecar.service.access import require_access
from hamlet_sidecar.service.body import read_json

LOOK_S = 0.1
KEEP_ALIVE_S = 15


def create_app(desk: Desk, token: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI):
        yield
        await desk.close()

    def guard(request: Request) -> None:
        require_access(request, token)

    app = FastAPI(
        lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(guard)]
    )

    @app.get('/health')
    async def health() -> dict[str, Any]:
        free = await asyncio.to_thread(free_memory_mb)
        on = await asyncio.to_thread(device)
        return {
            'contract': CONTRACT,
            'device': on.kind,
            'deviceName': on.name,
            'freeMemoryMB': free,
            'kinds': sorted(desk.kinds),
            **desk.counts(),
        }

    @app.post('/jobs', status_code=202)
    async def post_job(request: Request) -> dict[str, Any]:
        return await desk.accept(await read_json(request))

    @app.get('/jobs/{job_id}')
    async def get_job(job_id: str, fence: int | None = None) -> dict[str, Any]:
        return desk.find(job_id, fence).status()

    @app.get('/jobs/{job_id}/events')
    async def get_events(job_id: str) -> StreamingResponse:
        return StreamingResponse(changes(desk.find(job_id)), media_type='text/event-stream')

    @app.delete('/jobs/{job_id}')
    async def delete_job(job_id: str, fence: int | None = None) -> dict[str, Any]:
        return await desk.cancel(job_id, fence)

    @app.exception_handler(SidecarError)
    async def refuse(_: Request, error: SidecarError) -> JSONResponse:
        return problem(error.status, error.code, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem(400, 'invalid-request', str(error.errors()[0].get('msg', 'the request is not valid')))

    @app.exception_handler(HTTPException)
    async def unknown(_: Request, error: HTTPException) -> JSONResponse:
        return problem(
            error.status_code, 'not-found' if error.status_code == 404 else 'bad-request', error.detail
        )

    return app


async def changes(record: JobRecord) -> AsyncIterator[str]:
    """The status at once and whenever it has changed, until the job has ended."""
    sent, quiet = -1, 0.0
    while True:
        if record.changes != sent:
            sent, quiet = record.changes, 0.0
            yield f'event: status\ndata: {json.dumps(record.status())}\n\n'
            if record.state in FINAL:
                return
        await asyncio.sleep(LOOK_S)
        quiet += LOOK_S
        if quiet >= KEEP_ALIVE_S:
            quiet = 0.0
            yield ': still here\n\n'


def problem(status: int, code: str, detail: str) -> JSONResponse:
    body = {'type': 'about:blank', 'title': HTTPStatus(status).phrase, 'status': status, 'code': code}
    return JSONResponse(body | {'detail': detail}, status, media_type='application/problem+json')
