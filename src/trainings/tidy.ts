import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Database, query } from '../db/index.ts';

const DAY_MS = 86_400_000;
const CHECKPOINT_DAYS = 2;
/** What people did is in the inputs of trainings too: what no open one needs is gone within a week of an erasure. */
const INPUT_DAYS = 7;
/** Where those lie, and what they are called; everything else is left alone. */
const INPUTS: [folder: string, name: RegExp][] = [
  ['artifacts/snapshots', /^[0-9a-f]{64}$/],
  ['artifacts', /^(?:impressions-(?:image|model)|dpo-pool)-[0-9a-f]{32}$/],
  // Squares of pictures, and what a sidecar saw in them.
  ['artifacts', /^(?:pixels|embeddings|scores)-[0-9a-f]{32}$/],
  ['artifacts/w2w', /^(?:labels|members)-[0-9a-f]{32}\.json$/],
  // Of a process that died while it wrote.
  ...['', '/w2w', '/bases', '/snapshots'].map((place): [string, RegExp] => [
    `artifacts${place}`,
    /\.partial(?:-[\w-]+)?$/,
  ]),
];

/** Removes checkpoints of trainings that ended days ago, and old inputs that no open training sees. */
export async function tidy(db: Database, home: string, now = Date.now()): Promise<void> {
  const open = await query<{ inputs: string[] }>(
    db,
    `select array_remove(array[dataset, spec ->> 'snapshot', spec ->> 'impressions', spec ->> 'pool',
       case when jsonb_typeof(spec -> 'pixels') = 'string' then spec ->> 'pixels' end,
       spec ->> 'labels', spec ->> 'members'], null)
       || case when jsonb_typeof(spec -> 'pixels') = 'array'
            then array(select jsonb_array_elements_text(spec -> 'pixels')) else '{}' end as inputs
     from trainings where state in ('queued', 'running')`,
  );
  const ended = await query<{ id: string }>(
    db,
    `select id from trainings where finished_at < to_timestamp($1 / 1000.0) - $2 * interval '1 day'`,
    [now, CHECKPOINT_DAYS],
  );
  const over = new Set(ended.map(({ id }) => id));
  const checkpoints = join(home, 'artifacts/checkpoints');
  for (const name of await namesIn(checkpoints)) if (over.has(name)) await remove(join(checkpoints, name));

  const needed = new Set(open.flatMap(({ inputs }) => inputs.map((input) => basename(input))));
  for (const [place, called] of INPUTS)
    for (const name of await namesIn(join(home, place))) {
      if (needed.has(name) || !called.test(name)) continue;
      const folder = join(home, place, name);
      const age = now - ((await stat(folder).catch(() => null))?.mtimeMs ?? now);
      if (age > INPUT_DAYS * DAY_MS) await remove(folder);
    }
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
const remove = (folder: string) => rm(folder, { recursive: true, force: true });
