import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { PAIR_SOURCES } from '../../schemas/training.ts';
import { openDpo, SHIPPED } from '../dpo/index.ts';
import { addArtifact } from '../models/index.ts';
import { openStore } from '../store.ts';
import { commandSetup, progressBar, report } from './output.ts';
import { runJob } from './run-job.ts';
import { whole } from './whole.ts';

type Spec = Record<string, unknown>;
type Pairs = { source: string; user?: string; topic?: string; count?: number; json?: string };
type Train = { pairs: string; steps?: number; json?: string };
type Report = { work: string; spec?: string; json: string };

/** `dpo pairs`, `dpo train`: from the log to an adapter. `dpo report`: whether that works, on planted tastes. */
export function addDpoCommands(program: Command): void {
  const dpo = program.command('dpo').description('Align the generator: preference pairs, Diffusion-DPO.');
  dpo
    .command('pairs')
    .description('Preference pairs from what people did here, or by a scorer.')
    .addOption(
      new Option('--source <name>', 'what says which is better').choices(PAIR_SOURCES).default('implicit'),
    )
    .option('--user <id>', 'whose likes; with --source user')
    .option('--topic <words>', 'only prompts about it')
    .option('--count <n>', 'pairs at most', whole(1))
    .option('--json <file>', 'where the statistics go; standard output without it')
    .action(({ source, user, topic, count, json }: Pairs) =>
      withLog(async ({ dpo, run }) => {
        const options = count === undefined ? {} : { count };
        const asked = await dpo.pairsSpec({ source, userId: user, topic, options });
        const bar = progressBar('pictures');
        const { spec } = (await dpo.prepare(asked, async (part = 0) => bar.update(part)))!;
        bar.stop();
        await report(await run('make-dpo-pairs', spec), json);
      }),
    );
  dpo
    .command('train')
    .description('An adapter from such pairs, with its verdict; the same command goes on where it was.')
    .requiredOption('--pairs <name>', 'artifact of pairs')
    .option('--steps <n>', 'of gradient', whole(1))
    .option('--json <file>', 'where the verdict goes; standard output without it')
    .action(({ pairs, steps, json }: Train) =>
      withLog(async ({ dpo, run }) => {
        const options = steps === undefined ? {} : { steps, evaluateEvery: Math.max(1, steps >> 1) };
        await report(await run('train-dpo', await dpo.trainingSpec(pairs, options)), json);
      }),
    );
  dpo
    .command('report')
    .description(
      'Sources of pairs, users and recipes compared on planted tastes; about 45 minutes of a core.',
    )
    .option(
      '--work <folder>',
      'pictures and what is known already: the same command goes on',
      '.hamlet/dpo-report',
    )
    .option('--spec <file>', 'changes to the report, as JSON: fields of a `dpo-report` job')
    .requiredOption('--json <file>', 'where the figures go')
    .action(makeReport);
}

/** A job on the database's own log; its artifact becomes a candidate. */
async function withLog(
  work: (parts: {
    dpo: ReturnType<typeof openDpo>;
    run: (kind: string, spec: Spec) => Promise<Spec>;
  }) => Promise<void>,
): Promise<void> {
  const { config, log } = commandSetup();
  const store = await openStore(config, log);
  try {
    const home = config.HAMLET_HOME;
    const run = async (kind: string, spec: Spec) => {
      const result = await runJob(kind, join(home, 'artifacts'), spec);
      const { version, state } = await addArtifact(store.db, home, String(result.artifact));
      return { ...result, version, state };
    };
    await work({ dpo: openDpo({ ...store, home, clip: store.clip.path }), run });
  } finally {
    await store.close();
  }
}

const RENDERS = 3000;
const MODELS = ['diffusion', 'clip'];

async function makeReport({ work, spec, json }: Report): Promise<void> {
  const folder = resolve(work);
  await mkdir(folder, { recursive: true });
  for (const name of MODELS) await cp(join(SHIPPED, name), join(folder, name), { recursive: true });
  await copyFile(join(SHIPPED, 'classifier.safetensors'), join(folder, 'classifier.safetensors'));
  const changes = spec === undefined ? {} : (JSON.parse(await readFile(spec, 'utf8')) as Spec);
  const renders = join(folder, 'renders');
  // The manifest is written last: with it, all pictures are there.
  if (changes.renders === undefined && !existsSync(join(renders, 'manifest.json'))) await render(renders);
  const result = await runJob('dpo-report', folder, {
    ...{ renders: 'renders', diffusion: 'diffusion', clip: 'clip' },
    ...{ classifier: 'classifier.safetensors', ...changes },
  });
  await report(JSON.parse(await readFile(join(folder, String(result.report)), 'utf8')), json);
}

async function render(folder: string): Promise<void> {
  const { renderTrainingSet } = await import('../../seed/training-set/index.ts');
  const bar = progressBar('render');
  await renderTrainingSet({ folder, count: RENDERS, size: 64, seed: 1, split: 'train' }, bar.update);
  bar.stop();
}
