import { type Command, Option } from 'commander';
import { badInput } from '../errors.ts';
import { report } from './output.ts';
import { readSpec, trainOnFile, trainOnLog } from './train-job.ts';
import { whole } from './whole.ts';

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
    .option('--seed <n>', 'of every draw', whole())
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
      const asked = await readSpec(options);
      const { sequences: file, out } = options;
      const result = options.log
        ? await trainOnLog('train-sasrec', asked, options)
        : await trainOnFile('train-sasrec', asked, { file: file!, as: 'sequences', out });
      await report(result, options.json);
    });
