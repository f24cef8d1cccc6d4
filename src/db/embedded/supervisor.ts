import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ensureCluster, own, startPostgres } from './cluster.ts';
import { HOPELESS, placesOf } from './places.ts';
import { endOrphan, lockHolder } from './postmaster.ts';

/**
 * A small process of its own that keeps PostgreSQL up while any Hamlet process of this home lives.
 * Each of them holds a connection to the control socket; the kernel closes it however they end, and
 * when the last one is gone the server is stopped. Started by join.ts: `node supervisor.ts HOME`.
 *
 * Two supervisors started at once: PostgreSQL's own lock file lets one server live; the other
 * supervisor sees its child end and leaves.
 */
const GRACE_MS = 1000;
const FIRST_VISIT_MS = 30_000;
const FAST_STOP_MS = 60_000;

const places = placesOf(process.argv[2]!);
const visitors = new Set<Socket>();
let server: ChildProcess;
let stopping = false;
let leaving: NodeJS.Timeout | undefined;

try {
  await ensureCluster(places);
  await endOrphan(places.data);
  server = await startPostgres(places);
} catch (error) {
  console.error((error as Error).message);
  process.exit(HOPELESS);
}
if (!(await answers(server))) {
  const words = await lastWords();
  console.error(`PostgreSQL did not stay up: ${words}`);
  // Another server, or the last breath of one that was killed: the next try may find either gone.
  process.exit(/lock file|shared memory/.test(words) ? 2 : HOPELESS);
}
await rm(places.control, { force: true });
// Before anybody can come: whoever comes ends this wait.
leaveAfter(FIRST_VISIT_MS);
const control = createServer(welcome).listen(places.control);
await once(control, 'listening');
await own(places.control, places);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
void keepRunning();

function welcome(visitor: Socket): void {
  if (stopping) return void visitor.destroy();
  clearTimeout(leaving);
  visitors.add(visitor);
  visitor.on('error', () => {});
  visitor.once('close', () => {
    visitors.delete(visitor);
    if (visitors.size === 0) leaveAfter(GRACE_MS);
  });
  visitor.resume();
  visitor.write('ready\n');
}

function leaveAfter(ms: number): void {
  clearTimeout(leaving);
  leaving = setTimeout(() => void stop(), ms);
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  control.close();
  await rm(places.control, { force: true });
  if (isUp(server)) {
    server.kill('SIGINT'); // fast shutdown: roll back what is open, write a checkpoint, end
    const hard = setTimeout(() => server.kill('SIGQUIT'), FAST_STOP_MS); // recovery at the next start
    await once(server, 'exit');
    clearTimeout(hard);
  }
  process.exit(0);
}

/** A server that dies while it is needed (killed, out of memory) comes back and recovers from its log. */
async function keepRunning(): Promise<void> {
  for (let pause = 50; !stopping; pause = Math.min(pause * 2, 5000)) {
    if (isUp(server)) await once(server, 'exit');
    await sleep(pause);
    if (stopping) return;
    server = await startPostgres(places);
    if (await answers(server)) pause = 50;
  }
}

function isUp(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** True when this very server takes connections, false when it ended first. */
async function answers(child: ChildProcess): Promise<boolean> {
  while (isUp(child)) {
    const client = new pg.Client({ host: places.run, user: 'hamlet', database: 'postgres' });
    client.on('error', () => {});
    try {
      await client.connect();
      if (lockHolder(places.data) === child.pid) return true;
    } catch {
      // starting or recovering
    } finally {
      await client.end().catch(() => {});
    }
    await sleep(20);
  }
  return false;
}

async function lastWords(): Promise<string> {
  const said = await readFile(places.log, 'utf8').catch(() => '');
  return said.trim().split('\n').slice(-10).join(' ');
}
