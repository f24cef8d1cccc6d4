import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { openStore } from '../app.ts';
import { badInput } from '../errors.ts';
import { fileDigest } from '../evaluation/index.ts';
import { addArtifact } from '../models/index.ts';
import { momentOf } from '../promotion/index.ts';
import { writeSnapshot } from '../trainings/index.ts';
import { commandSetup, report } from './output.ts';
import { runJob } from './run-job.ts';

type Options = {
  sequences?: string;
  log?: true;
  out?: string;
  seed?: number;
  spec?: string;
  items?: 'image' | 'model';
  until?: string;
  json?: string;
};
type Spec = Record<string, unknown>;

/** `train sasrec`: the job that `POST /admin/trainings` asks of a sidecar, in a process of this command. */
export const addTrainSasrec = (train: Command) =>
  train
    .command('sasrec')
    .description('What comes next, by a transformer over histories. The same command goes on where it was.')
    .option(
      '--sequences <file>',
      '`user item` or `user item item …` a line, in time order; needs no database',
    )
    .option('--log', 'what people did here: the artifact becomes a candidate, to be promoted')
    .option('--out <folder>', 'where artifact and checkpoints go; with --log it is HAMLET_HOME/artifacts')
    .option('--seed <n>', 'of every draw', whole)
    .option('--spec <file>', 'how to train, as JSON: the fields of sidecar/hamlet_sidecar/sequence/spec.py')
    .addOption(new Option('--items <kind>', 'with --log').choices(['image', 'model']))
    .option(
      '--until <when>',
      'a date, or a part of the log: what comes later is left to judge it by; with --log',
    )
    .option('--json <file>', 'where the result goes; standard output without it')
    .action(async (options: Options) => {
      if ((options.sequences === undefined) === (options.log === undefined))
        throw badInput('option-invalid', 'Either --sequences FILE or --log says what to learn from.');
      const asked: Spec = options.spec === undefined ? {} : await readSpec(options.spec);
      if (options.seed !== undefined) asked.seed = options.seed;
      if (options.items !== undefined) asked.items = options.items;
      const result = options.log ? await trainOnLog(asked, options) : await trainOnFile(asked, options);
      await report(result, options.json);
    });

async function trainOnLog(asked: Spec, { items = 'image', until }: Options) {
  const { config, log } = commandSetup();
  const store = await openStore(config, log);
  try {
    if (until !== undefined) asked.until = await momentAsked(store, items, until);
    const { digest } = await writeSnapshot(store.db, config.HAMLET_HOME);
    const result = await runJob('train-sasrec', join(config.HAMLET_HOME, 'artifacts'), {
      ...asked,
      snapshot: digest,
    });
    const { kind, version, state } = await addArtifact(store.db, config.HAMLET_HOME, String(result.artifact));
    return { ...result, kind, version, state };
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

/** The file lies beside its artifacts, under the digest of its contents: a path of a spec stays in one folder. */
async function trainOnFile(asked: Spec, { sequences, out }: Options) {
  if (out === undefined) throw badInput('option-invalid', '--out FOLDER says where the artifact goes.');
  const name = `sequences-${(await fileDigest(sequences!)).slice(0, 16)}.txt`;
  await mkdir(out, { recursive: true });
  await copyFile(sequences!, join(out, name));
  return runJob('train-sasrec', resolve(out), { ...asked, sequences: name });
}

async function readSpec(file: string): Promise<Spec> {
  const spec: unknown = await readFile(file, 'utf8')
    .then(JSON.parse)
    .catch((error: Error) => {
      throw badInput('spec-invalid', `${file} is no JSON that can be read: ${error.message}`);
    });
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec))
    throw badInput('spec-invalid', `${file} is not a JSON object`);
  return spec as Spec;
}

function whole(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError('a whole number from 0');
  return number;
}
