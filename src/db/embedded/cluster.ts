import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, lstat, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Places } from './places.ts';

const MAJOR = '18';
const SETTINGS: Record<string, string> = {
  listen_addresses: '',
  synchronous_commit: 'on',
  shared_buffers: '128MB',
  max_connections: '100',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_compression: 'pglz',
  jit: 'off',
  log_min_messages: 'warning',
};

/**
 * Makes a cluster when there is none: built beside, then renamed, so a killed initdb leaves no half of one.
 * @throws Error when the folder was made by another version or belongs to another user
 */
export async function ensureCluster(places: Places): Promise<void> {
  await ensureRunFolder(places);
  if (places.copy) await copyBinaries(places.native, places.copy);
  const version = await readVersion(places.data);
  if (version === MAJOR) return;
  if (version !== null) {
    throw new Error(
      `${places.data} was made by PostgreSQL ${version}, this is ${MAJOR}: back up with the old version, then restore`,
    );
  }
  const fresh = `${places.data}.${process.pid}`;
  await mkdir(fresh, { mode: 0o700 });
  await own(fresh, places);
  const options = [
    '-D',
    fresh,
    '-U',
    'hamlet',
    '-E',
    'UTF8',
    '--locale=C',
    '--auth=trust',
    '--data-checksums',
  ];
  await promisify(execFile)(binary(places, 'initdb'), options, spawnOptions(places));
  // Renaming onto a folder that another supervisor finished first fails, and theirs is as good.
  await rename(fresh, places.data).catch(() => rm(fresh, { recursive: true, force: true }));
}

/** Starts the server in the foreground; its output goes to the log file, begun anew past 10 MB. */
export async function startPostgres(places: Places): Promise<ChildProcess> {
  const size = (await stat(places.log).catch(() => null))?.size ?? 0;
  const log = await open(places.log, size > 10_000_000 ? 'w' : 'a', 0o600);
  await own(places.log, places);
  const settings = { ...SETTINGS, unix_socket_directories: places.run };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binary(places, 'postgres'), ['-D', places.data, ...options], {
    ...spawnOptions(places),
    stdio: ['ignore', log.fd, log.fd],
  });
  await once(child, 'spawn').finally(() => log.close());
  return child;
}

const binary = (places: Places, name: string) => join(places.copy ?? places.native, 'bin', name);

const spawnOptions = (places: Places) => ({
  ...(places.user ?? {}),
  cwd: places.run,
  env: {
    LD_LIBRARY_PATH: join(places.copy ?? places.native, 'lib'),
    LC_ALL: 'C',
    TZ: 'UTC',
    PATH: '/usr/bin:/bin',
  },
});

async function readVersion(data: string): Promise<string | null> {
  try {
    return (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${data} cannot be read: does it belong to another user?`, { cause: error });
  }
}

/** Whoever can write to this folder can pose as the server: it may lie in /tmp, so it must be ours alone. */
async function ensureRunFolder(places: Places): Promise<void> {
  await mkdir(places.run, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const found = await lstat(places.run);
  const ours = [places.user?.uid, process.getuid?.()].includes(found.uid);
  if (!found.isDirectory() || !ours || (found.mode & 0o077) !== 0) {
    throw new Error(`${places.run} is there and is not a private folder of PostgreSQL's user`);
  }
  await own(places.run, places);
}

/** Hands what root made to the user PostgreSQL runs as. */
export async function own(path: string, { user }: Places): Promise<void> {
  if (user) await chown(path, user.uid, user.gid);
}

/** Whole or not at all: copied beside, then renamed. */
async function copyBinaries(from: string, to: string): Promise<void> {
  if (await stat(to).catch(() => null)) return;
  await mkdir(dirname(to), { recursive: true, mode: 0o755 });
  const half = `${to}.${process.pid}`;
  await cp(from, half, { recursive: true, verbatimSymlinks: true });
  await rename(half, to).catch(() => rm(half, { recursive: true, force: true }));
}
