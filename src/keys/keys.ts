import { createHash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type Database, isDatabaseAway, isUuid, query } from '../db/index.ts';
import { badInput } from '../errors.ts';

const SCOPES = ['serve', 'ingest', 'report', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];
export type Key = { id: string; name: string; scopes: Scope[]; maxLevel: number };
export type Keys = {
  /** The key of a token; null for an unknown or revoked one. Remembered for `REMEMBER_MS`, and while the database is away. */
  verify(token: string): Promise<Key | null>;
  /** Whether a key was ever made: from then on every call needs one. */
  any(): Promise<boolean>;
  create(name: string, scopes: Scope[], maxLevel: number): Promise<{ id: string; token: string }>;
  list(): Promise<(Key & { createdAt: Date; revokedAt: Date | null })[]>;
  revoke(id: string): Promise<boolean>;
};

/** How long a replica may go on honouring a key that another one revoked. */
const REMEMBER_MS = 5000;
const LEVELS = [1, 2, 4, 8, 16];

/** Keys are stored as sha256 of the token: looking one up by its hash gives timing nothing to tell. */
export async function openKeys(db: Pick<Database, 'pool'>, rememberMs: number = REMEMBER_MS): Promise<Keys> {
  const remembered = new LRUCache<string, { key: Key | null }>({
    ...{ max: 1000, ttl: rememberMs, noDeleteOnStaleGet: true },
  });
  let anyKnown = false;
  let askedAt = 0;

  return {
    async verify(token) {
      const hash = digest(token);
      const name = hash.toString('base64');
      const known = remembered.get(name);
      if (known) return known.key;
      const rows = await query<Key>(
        db,
        `select id, name, scopes, max_level as "maxLevel" from api_keys where hash = $1 and revoked_at is null`,
        [hash],
      ).catch((error) => unlessAway(error, remembered.get(name, { allowStale: true })));
      if (!Array.isArray(rows)) return rows.key;
      const key = rows[0] ?? null;
      remembered.set(name, { key });
      return key;
    },

    async any() {
      if (anyKnown || Date.now() - askedAt < rememberMs) return anyKnown;
      const found = await query(db, 'select 1 from api_keys limit 1', []).catch((error) =>
        unlessAway(error, askedAt === 0 ? undefined : []),
      );
      if (found.length > 0) anyKnown = true;
      askedAt = Date.now();
      return anyKnown;
    },

    async create(name, scopes, maxLevel) {
      checkNewKey(name, scopes, maxLevel);
      const token = `hk_${randomBytes(32).toString('base64url')}`;
      const rows = await query<{ id: string }>(
        db,
        'insert into api_keys (name, hash, scopes, max_level) values ($1, $2, $3, $4) returning id',
        [name, digest(token), [...new Set(scopes)], maxLevel],
      );
      anyKnown = true;
      return { id: rows[0]!.id, token };
    },

    list: () =>
      query(
        db,
        `select id, name, scopes, max_level as "maxLevel", created_at as "createdAt", revoked_at as "revokedAt"
           from api_keys order by created_at desc`,
        [],
      ),

    async revoke(id) {
      if (!isUuid(id)) return false;
      const rows = await query(
        db,
        'update api_keys set revoked_at = now() where id = $1 and revoked_at is null returning id',
        [id],
      );
      remembered.clear();
      return rows.length > 0;
    },
  };
}

function checkNewKey(name: string, scopes: Scope[], maxLevel: number): void {
  if (name.trim() === '' || name.length > 200)
    throw badInput('name-invalid', 'A key needs a name of 1–200 characters.', '/name');
  if (scopes.length === 0 || scopes.some((scope) => !SCOPES.includes(scope))) {
    throw badInput('scope-invalid', `Scopes are ${SCOPES.join(', ')}.`, '/scopes');
  }
  if (!LEVELS.includes(maxLevel))
    throw badInput('level-invalid', `maxLevel is one of ${LEVELS.join(', ')}.`, '/maxLevel');
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The answer from before, while the database cannot give a newer one: figures and health go on being told. */
function unlessAway<T>(error: unknown, before: T | undefined): T {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  if (before !== undefined && isDatabaseAway(cause)) return before;
  throw error;
}
