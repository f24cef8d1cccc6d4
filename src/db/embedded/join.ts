import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../log.ts';
import { HOPELESS, type Places, placesOf } from './places.ts';

export type EmbeddedServer = { socketFolder: string; leave(): void };

const PATIENCE_MS = 60_000;

/**
 * Starts this home's PostgreSQL or joins the one that runs, and keeps it alive until `leave()` or the
 * end of this process. When the supervisor itself is killed a new one is started.
 * @throws Error with the supervisor's last words when no server comes up within a minute
 */
export async function joinEmbedded(home: string, log: Log): Promise<EmbeddedServer> {
  const places = placesOf(home);
  let left = false;
  let holding = await hold(places, log);
  const rejoin = async () => {
    while (!left) {
      try {
        holding = await hold(places, log);
        if (left) return void holding.destroy();
        holding.once('close', rejoin);
        return;
      } catch (error) {
        log.error({ err: error }, 'PostgreSQL is gone and does not come back yet');
        await sleep(1000);
      }
    }
  };
  holding.once('close', rejoin);
  return {
    socketFolder: places.run,
    leave() {
      left = true;
      holding.destroy();
    },
  };
}

/** A connection to the control socket over which the supervisor has said that the server is ready. */
async function hold(places: Places, log: Log): Promise<Socket> {
  const until = Date.now() + PATIENCE_MS;
  let words = '';
  let running = false;
  let hopeless = false;
  while (Date.now() < until && !hopeless) {
    const socket = await visit(places.control);
    if (socket) return socket;
    if (!running) {
      running = true;
      log.debug('starting PostgreSQL');
      startSupervisor(places.home, (code, said) => {
        running = false;
        words = said || words;
        hopeless = code === HOPELESS;
        // Another supervisor may have been first; then the next visit finds its socket.
        if (code !== 0) log.debug({ said }, 'PostgreSQL was not started by this process');
      });
    }
    await sleep(words ? 500 : 25);
  }
  throw new Error(
    `no PostgreSQL of its own: ${words.trim() || `nothing within a minute, see ${places.log}`}`,
  );
}

function visit(control: string): Promise<Socket | null> {
  return new Promise((done) => {
    const socket = connect(control);
    socket.once('data', () => {
      socket.unref(); // held, but no reason for this process to go on
      socket.on('error', () => {});
      done(socket);
    });
    socket.once('error', () => done(null));
    socket.once('close', () => done(null));
  });
}

/** Detached: it must outlive this process when another one still needs the server. */
function startSupervisor(home: string, ended: (code: number | null, said: string) => void): void {
  const script = join(import.meta.dirname, 'supervisor.ts');
  const child = spawn(process.execPath, [script, home], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-2000);
  });
  (child.stderr as unknown as Socket).unref();
  child.unref();
  child.once('exit', (code) => ended(code, said));
}
