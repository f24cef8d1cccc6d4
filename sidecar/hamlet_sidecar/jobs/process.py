"""Starts the process of a job, follows it, and says how it ended."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from hamlet_sidecar.device import oom_kills
from hamlet_sidecar.jobs.record import JobRecord

CANCEL_GRACE_S = 1.2
LAST_WORDS_S = 2
WATCH_S = 0.25


class JobProcess:
    """One attempt at a job in a process group of its own; what it tells goes into the record."""

    def __init__(self, record: JobRecord, artifacts: Path, registry: str):
        self.record, self.artifacts, self.registry = record, artifacts, registry
        self.process: Process | None = None
        self.cancelled = False

    async def run(self) -> None:
        """Ends with the record in a final state, whatever happens to the process."""
        record = self.record
        kills = oom_kills()
        words = ('-m', 'hamlet_sidecar.jobs.child')
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *words,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=1 << 20,
            start_new_session=True,
        )
        if self.cancelled:
            self._kill()
        record.begin()
        lease = asyncio.create_task(self._watch_lease())
        readers = asyncio.gather(self._read_messages(), self._read_log())
        try:
            self.process.stdin.write(self._request())
            ended = asyncio.create_task(self.process.wait())
            # Grandchildren may keep the pipes open; a message that cannot be read ends the job.
            await asyncio.wait([readers, ended], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait_for(readers, LAST_WORDS_S)
            code = await asyncio.wait_for(ended, LAST_WORDS_S)
            record.settle(lambda: self.judge(code, oom_kills() > kills))
        finally:
            lease.cancel()
            self._kill()

    def judge(self, code: int, out_of_memory: bool) -> None:
        """The process ended without a last word."""
        if self.cancelled:
            self.record.end('cancelled')
        elif code == -signal.SIGKILL and out_of_memory:
            self.record.fail('out-of-memory', 'the kernel killed the job because memory had run out')
        elif code < 0:
            self.record.fail('killed', f'the job was killed by {signal.Signals(-code).name}')
        else:
            self.record.fail('crashed', f'the job ended with {code} and no result')

    async def cancel(self) -> None:
        """Asks the job to stop, and kills it when it has not within two seconds."""
        self.cancelled = True
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), CANCEL_GRACE_S)
        except TimeoutError:
            self._kill()
            await self.process.wait()

    def _kill(self) -> None:
        """The job with all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    async def _watch_lease(self) -> None:
        while not self.record.lease_lost():
            await asyncio.sleep(WATCH_S)
        self.record.fail('lease-lost', f'nobody asked for the job for {self.record.lease_seconds} seconds')
        self._kill()

    async def _read_messages(self) -> None:
        while line := await self.process.stdout.readline():
            message: dict[str, Any] = json.loads(line)
            if message['type'] == 'done':
                self.record.end('done', result=message['result'])
            elif message['type'] == 'cancelled':
                self.record.end('cancelled')
            elif message['type'] == 'failed':
                self.record.fail(message['code'], message['message'])
            else:
                self.record.take(message)

    async def _read_log(self) -> None:
        """What libraries print, a line at a time; a progress bar's carriage returns end lines too."""
        rest = ''
        while chunk := await self.process.stderr.read(1 << 16):
            *lines, rest = (rest + chunk.decode(errors='replace')).replace('\r', '\n')[-100_000:].split('\n')
            for line in filter(None, lines):
                self.record.take({'type': 'log', 'line': line})
        if rest:
            self.record.take({'type': 'log', 'line': rest})

    def _request(self) -> bytes:
        record = self.record
        told = {name: getattr(record, name) for name in ('id', 'kind', 'spec', 'attempt', 'fence')}
        return (
            json.dumps(told | {'artifacts': str(self.artifacts), 'registry': self.registry}).encode() + b'\n'
        )
