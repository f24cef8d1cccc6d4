"""Starts the service on an address."""

import asyncio
import os
from pathlib import Path

import uvicorn

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.desk import Desk
from hamlet_sidecar.service.app import create_app

LOOPBACK_HOSTS = ('127.0.0.1', '::1', 'localhost')


def serve(host: str, port: int, artifacts: Path, registry: str) -> None:
    """Says where it listens on standard output, in one line, once it does.

    Raises SidecarError `open-door` for an address beyond this machine without a token.
    """
    token = os.environ.get('SIDECAR_TOKEN', '')
    if host not in LOOPBACK_HOSTS and not token:
        raise SidecarError('open-door', f'{host} is not loopback: set SIDECAR_TOKEN first')
    asyncio.run(_serve(host, port, create_app(Desk(artifacts, registry), token)))


async def _serve(host: str, port: int, app) -> None:
    server = uvicorn.Server(
        uvicorn.Config(app, host, port, log_level='warning', timeout_graceful_shutdown=5, access_log=False)
    )
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    if server.started:
        bound = server.servers[0].sockets[0].getsockname()[1]
        print(f'the sidecar listens on http://{host}:{bound}', flush=True)
    await serving
