import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { badInput } from '../errors.ts';
import { addArtifact } from '../models/index.ts';
import { writeImpressions } from '../ranking/index.ts';
import { openStore } from '../store.ts';
import { commandSetup, report } from './output.ts';
import { runJob } from './run-job.ts';
import { whole } from './whole.ts';

type Options = { log?: true; items: 'image' | 'model'; model: string; seed: number; json?: string };

/** `train ranker`: the job that `POST /admin/trainings` asks of a sidecar, in a process of this command. */
export const addTrainRanker = (train: Command) =>
  train
    .command('ranker')
    .description(
      'What of a list is acted on, by what it was ranked by: takes the place of the hand-set blend.',
    )
    .option('--log', 'lists that were served here, and what was done with them')
    .addOption(new Option('--items <kind>', 'of the lists').choices(['image', 'model']).default('image'))
    .addOption(
      new Option('--model <name>', 'how it adds up; the simplest that lists do not speak against')
        .choices(['chosen', 'blend', 'linear', 'crossed', 'network'])
        .default('chosen'),
    )
    .option('--seed <n>', 'of every draw', whole(), 1)
    .option('--json <file>', 'where the result goes; standard output without it')
    .action(async ({ log: onLog, items, model, seed, json }: Options) => {
      if (onLog === undefined)
        throw badInput('option-missing', 'A ranker learns from lists that were served: --log.');
      const { config, log } = commandSetup();
      const home = config.HAMLET_HOME;
      const store = await openStore(config, log);
      try {
        const { folder } = await writeImpressions({ db: store.db, home }, items);
        const spec = { impressions: folder, items, model, seed };
        const result = await runJob('train-ranker', join(home, 'artifacts'), spec);
        const { kind, version, state } = await addArtifact(store.db, home, String(result.artifact));
        await report({ ...result, kind, version, state }, json);
      } finally {
        await store.close();
      }
    });
