"""Who may ask: whoever has the token, or, while there is none, this machine itself."""

import hmac
import re

from fastapi import Request

from hamlet_sidecar.errors import SidecarError

LOOPBACK = {'127.0.0.1', '::1', '::ffff:127.0.0.1'}
# A foreign name that resolves to this machine (DNS rebinding) is not loopback.
LOOPBACK_HOST = re.compile(r'(localhost|127\.0\.0\.1|\[::1\])(:\d+)?', re.IGNORECASE)
# No page of ours asks a sidecar: with one of these a browser does, for another site (CSRF), or a proxy.
NOT_OURS = ('origin', 'sec-fetch-site', 'forwarded', 'x-forwarded-for', 'via')


def require_access(request: Request, token: str) -> None:
    """Raises SidecarError `token-missing`, `token-wrong` or `loopback-only`."""
    if token:
        header = request.headers.get('authorization')
        if header is None:
            raise SidecarError('token-missing', 'send Authorization: Bearer and SIDECAR_TOKEN', 401)
        if not hmac.compare_digest(header.encode(), f'Bearer {token}'.encode()):
            raise SidecarError('token-wrong', 'this is not the SIDECAR_TOKEN of this sidecar', 401)
        return
    host, client = request.headers.get('host', ''), request.client
    near = client is not None and client.host in LOOPBACK and LOOPBACK_HOST.fullmatch(host)
    if not near or any(name in request.headers for name in NOT_OURS):
        raise SidecarError('loopback-only', 'without SIDECAR_TOKEN only this machine itself may ask', 403)
