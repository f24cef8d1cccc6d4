"""The process of one job: reads its request from standard input, tells what happens on standard output.

    python -m hamlet_sidecar.jobs.child

Standard input stays open as long as the service lives; when it ends, so does this process, in the middle of
whatever it does. What libraries print goes to standard error, which becomes the job's log.
"""

import contextlib
import errno
import json
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from hamlet_sidecar.errors import JobCancelled, SidecarError
from hamlet_sidecar.files import confine
from hamlet_sidecar.jobs.context import JobContext, require_json
from hamlet_sidecar.jobs.ownership import owned
from hamlet_sidecar.jobs.publish import publish
from hamlet_sidecar.jobs.registry import kinds_of, load_job

MEMORY_WORDS = ('out of memory', "can't allocate memory", 'cannot allocate memory')


def main() -> None:
    tell = private_output()
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=end_with_service, daemon=True).start()
    be_the_first_to_go()
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tell(perform(request, tell, lambda: bool(stopped)))


def perform(request: dict[str, Any], tell, cancelled) -> dict[str, Any]:
    """The last message: `done` with the result, `cancelled`, or `failed` with a code and a reason."""
    try:
        artifacts = Path(request['artifacts'])
        checkpoint = confine(artifacts, f'checkpoints/{request["id"]}')
        with owned(checkpoint, request['fence'], cancelled):
            job = JobContext(request['id'], request['attempt'], artifacts, checkpoint, tell, cancelled)
            run = load_job(kinds_of(request['registry']), request['kind'])
            result = publish(request['kind'], request['spec'], run(request['spec'], job), artifacts)
            return {'type': 'done', 'result': require_json(result)}
    except JobCancelled:
        return {'type': 'cancelled'}
    except SidecarError as error:
        return failed(error.code, str(error))
    except MemoryError as error:
        return failed('out-of-memory', str(error) or 'the job asked for more memory than there is')
    except OSError as error:
        traceback.print_exc()
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return failed('disk-full' if full else 'job-error', f'{type(error).__name__}: {error}')
    except Exception as error:
        traceback.print_exc()
        lack = type(error).__name__ == 'OutOfMemoryError' or any(
            w in str(error).lower() for w in MEMORY_WORDS
        )
        return failed('out-of-memory' if lack else 'job-error', f'{type(error).__name__}: {error}')


def failed(code: str, message: str) -> dict[str, Any]:
    return {'type': 'failed', 'code': code, 'message': message}


def private_output():
    """Standard output for messages only: a library's print would break them."""
    messages = os.fdopen(os.dup(1), 'w', buffering=1)
    os.dup2(2, 1)
    lock = threading.Lock()

    def tell(message: dict[str, Any]) -> None:
        with lock:
            messages.write(json.dumps(message) + '\n')

    return tell


def end_with_service() -> None:
    """Waits for the end of standard input, which the service holds open; then nothing of this process is left."""
    while sys.stdin.buffer.raw.read(4096):
        pass
    os._exit(1)


def be_the_first_to_go() -> None:
    """When memory ends, the kernel takes the job and not the service."""
    with contextlib.suppress(OSError):
        Path('/proc/self/oom_score_adj').write_text('800')


if __name__ == '__main__':
    main()
