import type { ChildProcess } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ensureCluster, startPostgres } from './cluster.ts';
import { placesOf } from './places.ts';

/**
 * A small process of its own that keeps PostgreSQL up while any Hamlet process of this home lives.
 * Each of them holds a connection to the control socket; the kernel closes it however they end, and
 * when the last one is gone the server is stopped. Started by join.ts: `node supervisor.ts HOME`.
 *
 * Two supervisors started at once: PostgreSQL's own postmaster.pid lets one server live; the other
 * supervisor sees its child end and leaves.
 */
const GRACE_MS = 1000;
const FIRST_VISIT_MS = 30_000;

const places = placesOf(process.argv[2]!);
const visitors = new Set<Socket>();
let server: ChildProcess;
let stopping = false;
let leaving: NodeJS.Timeout | undefined;

try {
  await ensureCluster(places);
  await endOrphan();
  server = await startPostgres(places);
  if (!(await answers())) throw new Error(`PostgreSQL did not stay up: ${await lastWords()}`);
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
void keepRunning();
await rm(places.control, { force: true });
const control = createServer(welcome).listen(places.control);
leaveAfter(FIRST_VISIT_MS);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());

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
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGINT'); // fast shutdown: roll back what is open, write a checkpoint, end
    await new Promise((done) => server.once('exit', done));
  }
  process.exit(0);
}

/** A server that dies while it is needed (killed, out of memory) comes back and recovers from its log. */
async function keepRunning(): Promise<void> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 5000)) {
    if (server.exitCode === null && server.signalCode === null) {
      await new Promise((done) => server.once('exit', done));
    }
    if (stopping) return;
    await sleep(pause);
    server = await startPostgres(places);
    if (await answers()) pause = 50;
  }
}

/** True when the server takes connections, false when the child ended first. */
async function answers(): Promise<boolean> {
  while (server.exitCode === null && server.signalCode === null) {
    const client = new pg.Client({ host: places.run, user: 'hamlet', database: 'postgres' });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: number }>(
        "select setting from pg_settings where name = 'data_directory'",
      );
      return rows.length === 1 && server.exitCode === null;
    } catch {
      await sleep(20);
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

async function lastWords(): Promise<string> {
  const said = await readFile(places.log, 'utf8').catch(() => '');
  return said.trim().split('\n').slice(-2).join(' ');
}

/** A server whose supervisor was killed answers nobody's control socket: it is asked to end first. */
async function endOrphan(): Promise<void> {
  const file = join(places.data, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid || (await supervisorOf(pid)) !== 1) return;
  process.kill(pid, 'SIGINT');
  for (let waited = 0; waited < 200 && isAlive(pid); waited++) await sleep(50);
}

/** Parent of a process; 1 (init) when its supervisor is gone, null where that cannot be told. */
async function supervisorOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null || !stat.includes('(postgres)')) return null;
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
