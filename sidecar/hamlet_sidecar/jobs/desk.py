"""Takes jobs in, runs one at a time, and answers for them: idempotent on id and attempt, fenced, leased."""

import asyncio
from pathlib import Path
from typing import Any

from hamlet_sidecar.artifacts import plain_path
from hamlet_sidecar.contract import CONTRACT, check, check_spec
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.jobs.process import JobProcess
from hamlet_sidecar.jobs.record import FINAL, JobRecord
from hamlet_sidecar.jobs.registry import kinds_of

MOST_WAITING = 32
MOST_REMEMBERED = 256


class Desk:
    """One job runs at a time, on a GPU and on a CPU alike: two would only share what one needs whole."""

    def __init__(self, artifacts: Path, registry: str):
        self.artifacts, self.registry = artifacts, registry
        self.kinds = kinds_of(registry)
        self.jobs: dict[str, JobRecord] = {}
        self.processes: dict[str, JobProcess] = {}
        self.turn = asyncio.Lock()
        self.tasks: set[asyncio.Task] = set()

    async def accept(self, request: Any) -> dict[str, Any]:
        """Raises SidecarError for what cannot be taken; nothing has changed then."""
        if isinstance(request, dict) and request.get('contract', CONTRACT) != CONTRACT:
            raise SidecarError(
                'contract-mismatch',
                f'this sidecar speaks {CONTRACT}, not {str(request["contract"])[:100]}',
                409,
            )
        check('JobRequest', request)
        plain_path(request['id'])
        if request['kind'] not in self.kinds:
            raise SidecarError('kind-unknown', f'no job of kind {request["kind"]!r} here')
        check_spec(request['kind'], request['spec'])
        known = self.jobs.get(request['id'])
        if known is not None:
            require_newest(known, request)
            if known.attempt == request['attempt']:
                known.renew(request['fence'])
                return known.status()
        if sum(job.state == 'queued' for job in self.jobs.values()) >= MOST_WAITING:
            raise SidecarError('sidecar-busy', f'{MOST_WAITING} jobs wait here already', 503)
        record = JobRecord(
            *(request[name] for name in ('id', 'kind', 'spec', 'attempt', 'fence', 'leaseSeconds'))
        )
        before = self.processes.pop(request['id'], None)
        self.jobs.pop(request['id'], None)
        self.jobs[record.id] = record
        self._forget_oldest()
        process = self.processes[record.id] = JobProcess(record, self.artifacts, self.registry)
        task = asyncio.create_task(self._run(process, before))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return record.status()

    async def _run(self, process: JobProcess, before: JobProcess | None) -> None:
        record = process.record
        if before is not None:
            await before.cancel()
        async with self.turn:
            if record.lease_lost():
                record.fail('lease-lost', 'nobody asked for the job while it waited')
            if process.cancelled:
                record.end('cancelled')
            if record.state not in FINAL:
                try:
                    await process.run()
                except Exception as error:
                    record.fail(
                        'job-error', f'the job could not be followed: {type(error).__name__}: {error}'
                    )

    def find(self, job_id: str, fence: int | None = None) -> JobRecord:
        """Raises SidecarError `job-unknown`, or `fence-stale` for one whose lease somebody else has."""
        record = self.jobs.get(job_id)
        if record is None:
            raise SidecarError('job-unknown', 'no such job here', 404)
        if fence is not None:
            require_fence(record, fence)
            record.renew(fence)
        return record

    async def cancel(self, job_id: str, fence: int | None = None) -> dict[str, Any]:
        record = self.find(job_id, fence)
        if record.state not in FINAL:
            await self.processes[job_id].cancel()
            record.end('cancelled')
        return record.status()

    def counts(self) -> dict[str, int]:
        states = [job.state for job in self.jobs.values()]
        return {'running': states.count('running'), 'queued': states.count('queued')}

    async def close(self) -> None:
        await asyncio.gather(*(process.cancel() for process in self.processes.values()))

    def _forget_oldest(self) -> None:
        ended = [job.id for job in self.jobs.values() if job.state in FINAL]
        for job_id in ended[: max(0, len(self.jobs) - MOST_REMEMBERED)]:
            del self.jobs[job_id]
            self.processes.pop(job_id, None)


def require_fence(known: JobRecord, fence: int) -> None:
    """Raises SidecarError `fence-stale`."""
    if fence < known.fence:
        raise SidecarError('fence-stale', f'fence {known.fence} came after {fence}', 409)


def require_newest(known: JobRecord, request: dict[str, Any]) -> None:
    """Raises SidecarError `fence-stale`, `attempt-stale`, or `job-conflict` for another job of the same id."""
    require_fence(known, request['fence'])
    if request['attempt'] < known.attempt:
        raise SidecarError('attempt-stale', f'attempt {known.attempt} came after {request["attempt"]}', 409)
    if (request['kind'], request['spec']) != (known.kind, known.spec):
        raise SidecarError('job-conflict', 'a job of this id was asked for with another kind or spec', 409)
