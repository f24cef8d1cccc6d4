"""Who may ask: whoever has the token, or, while there is none, this machine itself."""

import hmac
import re

from fastapi import Request

from hamlet_sidecar.errors import SidecarError

LOOPBACK = {'127.0.0.1', '::1', '::ffff:127.0.0.1'}
# A foreign name that resolves to this machine (DNS rebinding) is not loopback.
LOOPBACK_HOST = re.compile(r'(localhost|127\.0\.0\.1|\[::1\])(:\d+)?', re.IGNORECASE)


def require_access(request: Request, token: str) -> None:
    """Raises SidecarError `token-missing`, `token-wrong` or `loopback-only`."""
    if token:
        header = request.headers.get('authorization')
        if header is None:
            raise SidecarError('token-missing', 'send Authorization: Bearer and SIDECAR_TOKEN', 401)
        if not hmac.compare_digest(header.encode(), f'Bearer {token}'.encode()):
            raise SidecarError('token-wrong', 'this is not the SIDECAR_TOKEN of this sidecar', 401)
        return
    host = request.headers.get('host', '')
    if request.client is None or request.client.host not in LOOPBACK or not LOOPBACK_HOST.fullmatch(host):
        raise SidecarError('loopback-only', 'without SIDECAR_TOKEN only this machine itself may ask', 403)
