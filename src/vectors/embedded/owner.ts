import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BEAT_MS = 2_000;
const STALE_MS = 15_000;

/** Whether this process may write the folder, and how to stop. */
export type Ownership = { readonly mine: boolean; release(): void };

/** Tokens of this process: a restarted container has its predecessor's process number. */
const held = new Set<string>();

/**
 * Claims a folder for one writing process by a lock file that its owner touches every two seconds. A lock
 * whose process is gone, or that nobody has touched for fifteen seconds, is taken over.
 */
export function claim(folder: string): Ownership {
  const path = join(folder, 'owner.lock');
  const token = `${process.pid} ${randomUUID()}`;
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(path, token, { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (attempt === 2 || isHeld(path)) return { mine: false, release: () => {} };
      rmSync(path, { force: true });
    }
  }
  held.add(token);
  let mine = true;
  const ours = () => read(path) === token;
  const beat = setInterval(() => {
    if (ours()) utimesSync(path, new Date(), new Date());
    else mine = false;
  }, BEAT_MS);
  beat.unref();
  return {
    get mine() {
      return mine;
    },
    release() {
      clearInterval(beat);
      held.delete(token);
      if (ours()) rmSync(path, { force: true });
      mine = false;
    },
  };
}

function isHeld(path: string): boolean {
  const token = read(path);
  const pid = Number.parseInt(token, 10);
  if (Number.isNaN(pid)) return false;
  if (pid === process.pid) return held.has(token);
  return isAlive(pid) && Date.now() - touchedAt(path) < STALE_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function touchedAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
