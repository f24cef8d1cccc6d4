import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 30_000;

/** The process that PostgreSQL's own lock file names; null when there is none. */
export function lockHolder(data: string): number | null {
  try {
    return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]) || null;
  } catch {
    return null;
  }
}

/**
 * Clears the way for a new server. One whose supervisor was killed serves people who lost their hold on
 * it: it is asked to end. A lock file whose process id now belongs to another program (ids start again
 * with a container) is removed; PostgreSQL would take that program for a server and refuse to start.
 */
export async function endOrphan(data: string): Promise<void> {
  const pid = lockHolder(data);
  const holder = pid && inspect(pid);
  if (!pid || !holder) return; // no lock, or a stale one that PostgreSQL itself sees through
  if (!/postgres/.test(holder.command)) return rmSync(join(data, 'postmaster.pid'), { force: true });
  if (/supervisor\.ts/.test(inspect(holder.parent)?.command ?? '')) return;
  process.kill(pid, 'SIGINT');
  for (let waited = 0; waited < WAIT_MS && inspect(pid); waited += 50) await sleep(50);
}

/** Parent and command line of a process; null when there is no such process. */
function inspect(pid: number): { parent: number; command: string } | null {
  try {
    if (existsSync('/proc/self/stat')) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z') return null;
      return { parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') };
    }
    const said = execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return { parent: Number.parseInt(said, 10), command: said };
  } catch {
    return null;
  }
}
