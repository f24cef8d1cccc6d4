import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { offerPictures } from '../embedding/index.ts';
import { badInput } from '../errors.ts';
import { fileDigest } from '../evaluation/index.ts';
import { addArtifact } from '../models/index.ts';
import { momentOf } from '../promotion/index.ts';
import { openStore } from '../store.ts';
import { writeSnapshot } from '../trainings/index.ts';
import { commandSetup } from './output.ts';
import { runJob } from './run-job.ts';

type Spec = Record<string, unknown>;

/** A job that learns from the log: its artifact is a candidate. */
export async function trainOnLog(
  kind: string,
  asked: Spec,
  { items = 'image', until }: { items?: 'image' | 'model'; until?: string } = {},
): Promise<Spec> {
  const { config, log } = commandSetup();
  const store = await openStore(config, log);
  try {
    if (until !== undefined) asked.until = await momentAsked(store, items, until);
    const { digest } = await writeSnapshot(store.db, config.HAMLET_HOME);
    const pictures = await offerPictures({ ...store, home: config.HAMLET_HOME }, asked);
    const spec = { ...asked, ...pictures, snapshot: digest };
    const result = await runJob(kind, join(config.HAMLET_HOME, 'artifacts'), spec);
    const entered = await addArtifact(store.db, config.HAMLET_HOME, String(result.artifact));
    return { ...result, kind: entered.kind, version: entered.version, state: entered.state };
  } finally {
    await store.close();
  }
}

/** Milliseconds. */
async function momentAsked(
  past: Parameters<typeof momentOf>[0],
  items: 'image' | 'model',
  until: string,
): Promise<number> {
  const share = Number(until);
  if (share > 0 && share < 1) return momentOf(past, items, share);
  const at = Date.parse(until);
  if (Number.isNaN(at)) throw badInput('option-invalid', '--until is a date or a part between 0 and 1.');
  return at;
}

/**
 * A job that learns from a file, which lies beside its artifacts under the digest of its contents: a path of a spec
 * stays in one folder.
 * @param from.as the field of the spec that names it
 */
export async function trainOnFile(
  kind: string,
  asked: Spec,
  { file, as, out }: { file: string; as: string; out: string | undefined },
): Promise<Spec> {
  if (out === undefined) throw badInput('option-invalid', '--out FOLDER says where the artifact goes.');
  const name = `${as}-${(await fileDigest(file)).slice(0, 16)}${extname(file)}`;
  await mkdir(out, { recursive: true });
  await copyFile(file, join(out, name));
  return runJob(kind, resolve(out), { ...asked, [as]: name });
}

/** What is asked of the job: the file of `--spec`, and the options that are fields of it. */
export async function readSpec(options: { spec?: string; seed?: number; items?: string }): Promise<Spec> {
  const asked = options.spec === undefined ? {} : await readObject(options.spec);
  if (options.seed !== undefined) asked.seed = options.seed;
  if (options.items !== undefined) asked.items = options.items;
  return asked;
}

async function readObject(file: string): Promise<Spec> {
  const spec: unknown = await readFile(file, 'utf8')
    .then(JSON.parse)
    .catch((error: Error) => {
      throw badInput('spec-invalid', `${file} is no JSON that can be read: ${error.message}`);
    });
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec))
    throw badInput('spec-invalid', `${file} is not a JSON object`);
  return spec as Spec;
}
