import { resolve } from 'node:path';
import { HamletError } from './errors.ts';

/**
 * The only reader of process.env. Each setting says what it is, its default, and how its text is read;
 * `npx hamlet settings` prints them with the values in force (secrets hidden).
 */
type Setting<T> = { about: string; fallback: T; read: (text: string) => T; secret?: true };

const text = (fallback: string, about: string): Setting<string> => ({ about, fallback, read: (s) => s });
const secret = (about: string): Setting<string> => ({ about, fallback: '', read: (s) => s, secret: true });
/** Requests name it in errors and logs: it may hold no password. */
const address = (about: string): Setting<string> => ({
  about,
  fallback: '',
  read: (s) => {
    const url = URL.parse(s);
    if (!url || !/^https?:$/.test(url.protocol) || url.username + url.password !== '')
      throw new Error('must be an http address without a password in it: keys have settings of their own');
    return s;
  },
});
const number = (fallback: number, min: number, max: number, about: string): Setting<number> => ({
  about,
  fallback,
  read: (s) => {
    const n = Number(s);
    if (!Number.isFinite(n) || n < min || n > max) throw new Error(`must be a number from ${min} to ${max}`);
    return n;
  },
});
const list = (about: string): Setting<ReadonlySet<string>> => ({
  about,
  fallback: new Set(),
  read: (s) => new Set(s.split(',').flatMap((part) => part.trim().toLowerCase() || [])),
});
const choice = <const T extends string>(options: readonly T[], fallback: T, about: string): Setting<T> => ({
  about,
  fallback,
  read: (s) => {
    const found = options.find((option) => option === s);
    if (found === undefined) throw new Error(`must be one of ${options.join(', ')}`);
    return found;
  },
});

export const SETTINGS = {
  HOST: text('127.0.0.1', 'Address to listen on. Without any API key only loopback is allowed.'),
  PORT: number(3000, 0, 65535, 'Port to listen on; 0 takes a free one.'),
  HAMLET_HOME: text(
    resolve(import.meta.dirname, '../.hamlet'),
    'Folder for everything Hamlet writes: database, vectors, artifacts, caches. Unset: .hamlet beside package.json.',
  ),
  DATABASE_URL: secret('PostgreSQL 15+ URL. Unset: a PostgreSQL 18 of its own in HAMLET_HOME/postgres.'),
  DATABASE_POOL: number(8, 2, 100, 'Connections to PostgreSQL an api process holds at most.'),
  VECTORS_URL: secret('Qdrant URL. Unset: a usearch index in HAMLET_HOME/vectors.'),
  VECTORS_API_KEY: secret('API key for Qdrant.'),
  DEMO_WORLD: choice(
    ['full', 'small', 'none'],
    'full',
    'What an empty database of its own is filled with at the first start.',
  ),
  VLM_BASE_URL: address(
    'OpenAI-compatible endpoint of a vision-language model, e.g. http://gpu:8000/v1. Unset: attributes that CLIP sees.',
  ),
  VLM_MODEL: text('mistralai/Pixtral-12B-2409', 'Name of the model at that endpoint.'),
  VLM_API_KEY: secret('API key of that endpoint, where it wants one.'),
  VLM_TIMEOUT_MS: number(
    60_000,
    100,
    600_000,
    'Milliseconds that one question to the model may take, retries included.',
  ),
  VLM_AT_ONCE: number(4, 1, 256, 'Questions an api process asks the model at once.'),
  VLM_TOKENS_PER_HOUR: number(0, 0, 1e12, 'Tokens an api process may spend in an hour; 0 = no limit.'),
  VLM_PICTURES: number(16, 2, 256, 'Pictures in one question at most: the server’s own limit.'),
  VLM_PICTURE_SIDE: number(512, 64, 2048, 'Longest side, in pixels, of a picture that is sent to the model.'),
  RERANK_DEPTH: number(20, 2, 50, 'Items from the top of a list that are re-ranked by taste.'),
  RERANK_DEADLINE_MS: number(
    3000,
    50,
    60_000,
    'Milliseconds that re-ranking may take where a list waits for it.',
  ),
  SIDECAR_URL: text('', 'Addresses of the Python sidecar, comma-separated. Unset: training answers 503.'),
  SIDECAR_TOKEN: secret('Shared by the api and its sidecars. Unset: a sidecar serves loopback only.'),
  SIDECAR_PYTHON: text('', 'A Python that has the sidecar’s requirements. Unset: one is made in .hamlet/.'),
  TOXICITY_MODEL: text(
    '',
    'Folder of a Detoxify-type ONNX text classifier. Unset: the lexicon, labelled as such.',
  ),
  PUT_SAFETY: choice(
    ['unknown', 'classify'],
    'unknown',
    'What an item that is put without a level is: held until somebody rates it, or until classifiers have.',
  ),
  CLASSIFIERS: text(
    'nsfwjs',
    'Who looks at pictures, comma-separated, all of them at each: nsfwjs, open-nsfw (on a sidecar), or the folder of an ONNX classifier.',
  ),
  CLASSIFY_SHARE: number(
    0.25,
    0,
    1,
    'Share of one processor that classifies pictures in the background; 0 = only `npx hamlet classify`.',
  ),
  REPORTS_TO_HOLD: number(3, 1, 1e6, 'People whose reports hold an item back until a moderator has looked.'),
  REPORTS_AN_HOUR: number(20, 1, 1e6, 'Items a person may report in an hour.'),
  PICTURE_HOSTS: list(
    'Hosts, comma-separated, whose pictures are read even at private addresses (a CDN of your own).',
  ),
  CONTENT_SPACE: choice(
    ['auto', 'text', 'clip'],
    'auto',
    'Vector space that taste, search and diversity work in; auto: clip where most items have such a vector.',
  ),
  EMBED_SHARE: number(
    0.25,
    0,
    1,
    'Share of one processor that embeds pictures in the background; 0 = only `npx hamlet embed`.',
  ),
  CLIP_MODEL: text(
    '',
    'Folder of a CLIP model in the layout of transformers.js (ONNX). Unset: weights/clip, which ships.',
  ),
  CONTENT_DIMS: number(
    0,
    0,
    4096,
    'Length of content vectors that callers hand in (space clip); 0 = that of the CLIP model, or 64.',
  ),
  LOG_LEVEL: choice(
    ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    'info',
    'Least level that is logged.',
  ),
  RATE_LIMIT: number(0, 0, 1e9, 'Requests a minute an API key may make of one api process; 0 = no limit.'),
  TRUST_PROXY: list(
    'Addresses or CIDR ranges of proxies, by comma, whose X-Forwarded-For says who asks; without it the peer does.',
  ),
  MAX_IN_FLIGHT: number(512, 1, 1e6, 'Requests served at once; more are answered 503 with Retry-After.'),
  MAX_LOOP_DELAY_MS: number(
    500,
    10,
    600_000,
    'Mean delay of the event loop past which new requests are answered 503: a queue is building up that no caller will wait for.',
  ),
  MAX_RSS_MB: number(4096, 128, 1e6, 'Resident memory past which new requests are answered 503.'),
  LIST_DEPTH: number(100, 20, 1000, 'Items a stored list holds, hence how far a cursor pages.'),
  DRAW_SHARE: number(
    0.1,
    0,
    1,
    'Share of lists whose order is a logged Plackett–Luce draw (off-policy evaluation).',
  ),
  DRAW_TEMPERATURE: number(
    0.2,
    0.001,
    100,
    'Temperature of that draw, in units of the score’s standard deviation.',
  ),
  DRAW_TOP: number(50, 2, 1000, 'Items at the top of a list that the draw permutes.'),
  EXPLORE_SHARE: number(0.05, 0, 0.5, 'Share of positions kept for the `new` source.'),
  CURSOR_HOURS: number(24, 0.001, 8760, 'Hours a list can be paged through.'),
  EXPERIMENT_CHECK_MINUTES: number(
    10,
    0,
    59,
    'Minutes between looks at the guardrails of running experiments; 0 = only by hand.',
  ),
  RETRAIN_HOURS: number(
    0,
    0,
    672,
    'Hours between warm retrainings of the models in force on a sidecar, each judged before it serves; 0 = only by hand.',
  ),
  PROMOTION_MARGIN: number(
    0,
    0,
    1,
    'How much worse (NDCG@10, lower bound) a challenger may be and still be promoted; 0 = it has to be better.',
  ),
  GRAPH_REFRESH_MINUTES: number(
    60,
    0,
    1e5,
    'Minutes between rebuilds of the item graph when the log has moved; 0 = only by hand.',
  ),
} satisfies Record<string, Setting<string> | Setting<number> | Setting<ReadonlySet<string>>>;

type Value<S> = S extends Setting<infer T> ? T : never;
export type Config = { readonly [K in keyof typeof SETTINGS]: Value<(typeof SETTINGS)[K]> };

/** @throws HamletError `settings-invalid` (400) that names every setting whose value cannot be read, all at once */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, overrides: Partial<Config> = {}): Config {
  const problems: string[] = [];
  const values = Object.entries(SETTINGS).map(([name, setting]) => {
    const raw = env[name];
    if (raw === undefined || raw === '') return [name, setting.fallback];
    try {
      return [name, setting.read(raw)];
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}. ${setting.about}`);
      return [name, setting.fallback];
    }
  });
  if (problems.length > 0)
    throw new HamletError('settings-invalid', 400, `These cannot be used:\n  ${problems.join('\n  ')}`);
  const config = { ...Object.fromEntries(values), ...overrides } as Config;
  return { ...config, HAMLET_HOME: resolve(config.HAMLET_HOME) };
}
