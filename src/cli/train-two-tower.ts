import type { Command } from 'commander';
import { badInput } from '../errors.ts';
import { evaluateInteractions } from '../evaluation/index.ts';
import { report } from './output.ts';
import { writeTestCall } from './test-calls.ts';
import { readSpec, trainOnFile, trainOnLog } from './train-job.ts';
import { whole } from './whole.ts';

type Options = {
  interactionsTrain?: string;
  interactionsTest?: string;
  log?: true;
  out?: string;
  seed?: number;
  spec?: string;
  items?: string;
  json?: string;
};

/** `train two-tower`: the job that `POST /admin/trainings` asks of a sidecar, in a process of this command. */
export const addTrainTwoTower = (train: Command) =>
  train
    .command('two-tower')
    .description('What a person may want, by a tower of their history and one of items.')
    .option('--interactions-train <file>', 'people × items (scipy .npz); needs no database')
    .option('--interactions-test <file>', 'judges the artifact on it, once; bench/test-calls.md says so')
    .option('--log', 'what people did here: the artifact becomes a candidate, to be promoted')
    .option('--out <folder>', 'where artifact and checkpoints go; with --log it is HAMLET_HOME/artifacts')
    .option('--seed <n>', 'of every draw', whole())
    .option('--spec <file>', 'how to train, as JSON: the fields of sidecar/hamlet_sidecar/towers/spec.py')
    .option('--items <kind>', 'image or model; with --log')
    .option('--json <file>', 'where the result goes; standard output without it')
    .action(async (options: Options) => {
      const { interactionsTrain: train, interactionsTest: test } = options;
      if ((train === undefined) === (options.log === undefined))
        throw badInput(
          'option-invalid',
          'Either --interactions-train FILE or --log says what to learn from.',
        );
      const asked = await readSpec(options);
      const result = options.log
        ? await trainOnLog('train-two-tower', asked)
        : await trainOnFile('train-two-tower', asked, { file: train!, as: 'interactions', out: options.out });
      await report(
        test === undefined ? result : { ...result, ...(await judge(options, result)) },
        options.json,
      );
    });

async function judge({ interactionsTrain: train, interactionsTest: test, out }: Options, { artifact }: Spec) {
  const judged = await evaluateInteractions({
    ...{ train: train!, test: test!, artifact: `${out}/${artifact}`, recommenders: ['two-tower'] },
    ...{ k: 20, seed: 1 },
  });
  await writeTestCall(judged);
  return { test: judged.recommenders['two-tower'] };
}

type Spec = Record<string, unknown>;
