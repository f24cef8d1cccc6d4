import { createHash, randomBytes } from 'node:crypto';
import { and, desc, eq, isNull } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import { type Database, isDatabaseAway, schema, translateDatabaseError } from '../db/index.ts';
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
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Keys are stored as sha256 of the token: looking one up by its hash gives timing nothing to tell. */
export async function openKeys(
  { orm }: Pick<Database, 'orm'>,
  rememberMs: number = REMEMBER_MS,
): Promise<Keys> {
  const { apiKeys } = schema;
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
      const rows = await orm
        .select({ id: apiKeys.id, name: apiKeys.name, scopes: apiKeys.scopes, maxLevel: apiKeys.maxLevel })
        .from(apiKeys)
        .where(and(eq(apiKeys.hash, hash), isNull(apiKeys.revokedAt)))
        .catch((error) => unlessAway(error, remembered.get(name, { allowStale: true })));
      if (!Array.isArray(rows)) return rows.key;
      const key = (rows[0] as Key | undefined) ?? null;
      remembered.set(name, { key });
      return key;
    },

    async any() {
      if (anyKnown || Date.now() - askedAt < rememberMs) return anyKnown;
      const found = await orm
        .select({ id: apiKeys.id })
        .from(apiKeys)
        .limit(1)
        .catch((error) => unlessAway(error, askedAt === 0 ? undefined : []));
      if (found.length > 0) anyKnown = true;
      askedAt = Date.now();
      return anyKnown;
    },

    async create(name, scopes, maxLevel) {
      checkNewKey(name, scopes, maxLevel);
      const token = `hk_${randomBytes(32).toString('base64url')}`;
      const rows = await orm
        .insert(apiKeys)
        .values({ name, hash: digest(token), scopes: [...new Set(scopes)], maxLevel })
        .returning({ id: apiKeys.id })
        .catch(rethrow);
      anyKnown = true;
      return { id: rows[0]!.id, token };
    },

    async list() {
      const rows = await orm.select().from(apiKeys).orderBy(desc(apiKeys.createdAt)).catch(rethrow);
      return rows.map(({ hash: _, ...row }) => ({ ...row, scopes: row.scopes as Scope[] }));
    },

    async revoke(id) {
      if (!UUID.test(id)) return false;
      const rows = await orm
        .update(apiKeys)
        .set({ revokedAt: new Date() })
        .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
        .returning({ id: apiKeys.id })
        .catch(rethrow);
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

/** drizzle wraps what pg throws; the cause says whether the server was away. */
const causeOf = (error: unknown) => (error instanceof Error && error.cause ? error.cause : error);

function rethrow(error: unknown): never {
  throw translateDatabaseError(causeOf(error));
}

/** The answer from before, while the database cannot give a newer one: figures and health go on being told. */
function unlessAway<T>(error: unknown, before: T | undefined): T {
  if (before !== undefined && isDatabaseAway(causeOf(error))) return before;
  return rethrow(error);
}
