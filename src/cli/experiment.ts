import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { Compile } from 'typebox/compile';
import { ExperimentDefinition } from '../../schemas/experiment.ts';
import { worldSize } from '../../seed/index.ts';
import { simulateTraffic } from '../../seed/visitors/index.ts';
import { badInput } from '../errors.ts';
import { checkHarness, type Definition, type Experiments, openExperiments } from '../experiments/index.ts';
import { openStore } from '../store.ts';
import { saveSnapshot } from './experiment-snapshot.ts';
import { reportText } from './experiment-text.ts';
import { commandSetup, progressBar, report } from './output.ts';

/** `experiment …`: what `/admin/experiments` does, from a terminal. */
export function addExperimentCommands(program: Command): void {
  const experiment = program.command('experiment').description('Compare pipelines on real traffic.');
  const act = (
    usage: string,
    about: string,
    work: (experiments: Experiments, key: string, ...more: string[]) => Promise<unknown>,
  ) =>
    experiment
      .command(usage)
      .description(about)
      .action((key: string, ...more: string[]) =>
        withExperiments(async (all) => report(await work(all, key, ...more), true)),
      );

  act('list', 'Every experiment by the version in force.', (all) => all.list());
  act('show <key>', 'An experiment.', (all, key) => all.get(key));
  act('changes <key>', 'What was done to it, oldest first.', (all, key) => all.changes(key));
  act(
    'put <key> <file>',
    'Write it down or edit it; the file holds its definition as JSON.',
    async (all, key, file) => all.put(key, await readDefinition(file!)),
  );
  act('start <key>', 'Start or resume it.', (all, key) => all.start(key));
  act('pause <key> [variant]', 'Pause it, or one variant.', (all, key, variant) => all.pause(key, variant));
  act('ramp <key> <share>', 'Reach more people; nobody changes variant.', (all, key, share) =>
    all.ramp(key, parseShare(share!)),
  );
  act('stop <key>', 'End it for good.', (all, key) => all.stop(key));
  act('promote <key> <variant>', 'Make a variant the default pipeline.', (all, key, variant) =>
    all.promote(key, variant!),
  );
  experiment
    .command('report <key>')
    .description('What it shows so far, verdict first; safe to ask at any time.')
    .option('--json <file>', 'where the whole report goes (`-`: standard output); a page of text without it')
    .option('--of <version>', 'a version that ran before')
    .action((key: string, options: { json?: string; of?: string }) =>
      withExperiments(async (all) => {
        const found = await all.report(key, options.of === undefined ? undefined : whole(options.of, '--of'));
        if (options.json) return report(found, options.json);
        process.stdout.write(reportText(found));
      }),
    );
  experiment
    .command('snapshot <key>')
    .description('A report with the data it was computed from: people as Parquet, without their ids.')
    .requiredOption('--out <dir>', 'a folder that is made; it must not be there')
    .option('--of <version>', 'a version that ran before')
    .action((key: string, options: { out: string; of?: string }) =>
      withExperiments(async (all) => {
        const version = options.of === undefined ? undefined : whole(options.of, '--of');
        await report(await saveSnapshot(all, key, version, options.out), true);
      }),
    );
  experiment
    .command('guard')
    .description('Look at the guardrails of running experiments now, as the service does on schedule.')
    .action(() => withExperiments(async (all) => report({ paused: await all.guard() }, true)));
  experiment
    .command('simulate')
    .description('Days of the demo world’s people against a running service, over HTTP.')
    .option('--url <url>', 'where it serves', 'http://127.0.0.1:3000')
    .option('--key <key>', 'an API key with the scopes serve and ingest, where one is needed')
    .option('--visitors <n>', 'people who come: the world’s own first, then newcomers', '2000')
    .option('--days <n>', 'days', '1')
    .option('--seed <n>', 'of who comes and of their moods', '1')
    .option('--surface <name>', 'where the lists are shown', 'default')
    .option('--connections <n>', 'requests under way at once', '16')
    .option('--size <name>', 'of the world that was seeded: full or small', 'full')
    .option('--json <file>', 'where the report goes; standard output without it')
    .action(async (options: SimulateOptions) => {
      const bar = progressBar('simulate');
      const found = await simulateTraffic(
        {
          ...{ url: options.url, key: options.key, surface: options.surface },
          world: worldSize(options.size === 'small' ? 'small' : 'full'),
          visitors: whole(options.visitors, '--visitors'),
          days: whole(options.days, '--days'),
          seed: whole(options.seed, '--seed'),
          connections: whole(options.connections, '--connections'),
        },
        bar.update,
      );
      bar.stop();
      await report(found, options.json);
    });
  experiment
    .command('check')
    .description('Count how often the harness tells the truth, over A/A runs and planted effects.')
    .option('--aa <runs>', 'runs of each kind', '1000')
    .option('--seed <n>', 'of everything that is drawn', '1')
    .option('--json <file>', 'where the report goes; standard output without it')
    .action(async (options: { aa: string; seed: string; json?: string }) => {
      const bar = progressBar('check');
      const found = checkHarness(
        { runs: whole(options.aa, '--aa'), seed: whole(options.seed, '--seed') },
        bar.update,
      );
      bar.stop();
      for (const { claim, allowed, found: count, holds } of found.claims)
        process.stderr.write(
          `${holds ? 'holds' : 'FAILS'}  ${claim}: ${Number(count.toPrecision(4))} (${allowed})\n`,
        );
      await report(found, options.json);
      if (!found.passed) process.exitCode = 1;
    });
  experiment
    .command('off-policy')
    .description('What another order of the lists that were drawn would have been clicked.')
    .option('--temperature <t>', 'of the draw, in deviations of the scores; near 0 is the order by score')
    .option('--boost <list>', 'factors on scores by source, as similar=1.2,trending=0.8')
    .option('--kind <kind>', 'image or model', 'image')
    .option('--variant <label>', 'whose lists, as logged', 'default')
    .option('--days <n>', 'days back', '28')
    .option('--limit <n>', 'lists at most, the newest', '20000')
    .option('--json <file>', 'where the report goes; standard output without it')
    .action(async (options: OffPolicyOptions) => {
      const bar = progressBar('off-policy');
      await withExperiments(async (all) => {
        const found = await all.offPolicy(whichLists(options), targetOf(options), bar.update);
        bar.stop();
        await report(found, options.json);
      });
    });
  experiment
    .command('plan <key>')
    .description('What it could see: minimum detectable effects and people needed.')
    .option('--days <n>', 'days of the default pipeline’s lists to learn from', '14')
    .action((key: string, options: { days: string }) =>
      withExperiments(async (all) => report(await all.plan(key, whole(options.days, '--days')), true)),
    );
  act('demote <key>', 'Take a promoted winner out of the default pipeline.', (all, key) => all.demote(key));
}

type SimulateOptions = Record<
  'url' | 'visitors' | 'days' | 'seed' | 'surface' | 'connections' | 'size',
  string
> & {
  key?: string;
  json?: string;
};

type OffPolicyOptions = Record<'kind' | 'variant' | 'days' | 'limit', string> & {
  temperature?: string;
  boost?: string;
  json?: string;
};

const DAY_MS = 86_400_000;
function whichLists({ kind, variant, days, limit }: OffPolicyOptions) {
  if (kind !== 'image' && kind !== 'model') throw badInput('option-invalid', '--kind is image or model');
  const [until, from] = [Date.now(), Date.now() - whole(days, '--days') * DAY_MS];
  const period = { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
  return { ...period, kind, variant, limit: whole(limit, '--limit') } as const;
}

function targetOf({ temperature, boost }: OffPolicyOptions) {
  const factors = (boost?.split(',') ?? []).map((pair) => /^([a-z-]{1,64})=(\d+(?:\.\d+)?)$/u.exec(pair));
  const given = temperature === undefined ? undefined : Number(temperature);
  if (factors.includes(null) || (given !== undefined && !(given > 0)))
    throw badInput('option-invalid', '--boost is SOURCE=FACTOR,…, --temperature a number above 0');
  return {
    temperature: given,
    boost: Object.fromEntries(factors.map((found) => [found![1]!, Number(found![2])])),
  };
}

function whole(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > 1e6)
    throw badInput('option-invalid', `${option} is a whole number from 1 to 1,000,000`);
  return value;
}

async function readDefinition(file: string): Promise<Definition> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw badInput('file-unreadable', error.message);
  });
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw badInput('malformed-json', (error as Error).message);
  }
  const check = Compile(ExperimentDefinition);
  if (check.Check(given)) return given;
  const [fault] = check.Errors(given);
  throw badInput('invalid-request', fault?.message ?? 'is not a definition', fault?.instancePath);
}

function parseShare(text: string): number {
  const share = Number(text);
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError('a share is a number from 0 to 1');
  return share;
}

async function withExperiments(work: (experiments: Experiments) => Promise<unknown>): Promise<void> {
  const { config, log } = commandSetup();
  const store = await openStore(config, log);
  try {
    const experiments = await openExperiments(store);
    await work(experiments).finally(() => experiments.close());
  } finally {
    await store.close();
  }
}
