"""A small Qdrant for tests: its own engine (`qdrant-edge-py`) behind the REST routes that Hamlet uses.

    python server.py FOLDER [PORT]        prints its address; ends with its standard input

What it answered is in the engine's write-ahead log: killed and started again over the same folder, it
has lost nothing. `API_KEY` in the environment is asked for, as by Qdrant.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from routes import ROUTES
from storage import NotFound, Storage
from wire import WrongInput

LARGEST_BODY = 32 << 20
VERSION = {'title': 'qdrant - vector search engine', 'version': '1.19.0'}


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    storage: Storage
    lock = threading.Lock()

    def handle_request(self) -> None:
        length = int(self.headers.get('content-length', 0))
        if length > LARGEST_BODY:
            self.close_connection = True
            return self.answer(413, {'status': {'error': 'Payload too large'}, 'time': 0})
        text = self.rfile.read(length)
        if self.headers.get('api-key', '') != os.environ.get('API_KEY', ''):
            return self.answer(401, 'Must provide an API key or an Authorization bearer token')
        path = unquote(urlsplit(self.path).path)
        if path == '/':
            return self.answer(200, VERSION)
        began = time.perf_counter()
        try:
            with self.lock:
                status, told = 200, {'result': self.result(path, text), 'status': 'ok'}
        except NotFound as error:
            status, told = 404, {'status': {'error': str(error)}}
        except WrongInput as error:
            status, told = 400, {'status': {'error': f'Wrong input: {error}'}}
        except Exception as error:  # the engine throws nothing finer
            status, told = 400, {'status': {'error': f'Wrong input: {type(error).__name__} {error}'}}
        self.answer(status, {**told, 'time': time.perf_counter() - began})

    do_GET = do_PUT = do_POST = do_DELETE = handle_request

    def result(self, path: str, text: bytes) -> Any:
        for method, pattern, function in ROUTES:
            match = pattern.match(path)
            if match and method == self.command:
                return function(self.storage, json.loads(text) if text else None, **match.groupdict())
        raise NotFound(f'{self.command} {path} is not among the routes of this server')

    def answer(self, status: int, body: Any) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header('content-type', 'text/plain' if isinstance(body, str) else 'application/json')
        self.send_header('content-length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


def optimize_in_the_background(storage: Storage) -> None:
    while True:
        time.sleep(0.5)
        with Handler.lock:
            for collection in storage.collections.values():
                collection.optimize_when_quiet()


def end_with_the_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    Handler.storage = Storage(Path(sys.argv[1]))
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    server = ThreadingHTTPServer(('127.0.0.1', port), Handler)
    server.daemon_threads = True
    threading.Thread(target=optimize_in_the_background, args=[Handler.storage], daemon=True).start()
    threading.Thread(target=end_with_the_parent, daemon=True).start()
    print(f'http://127.0.0.1:{server.server_address[1]}', flush=True)
    server.serve_forever()


main()
