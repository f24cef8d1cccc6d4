import { type Command, Option } from 'commander';
import { evaluate, type Protocol } from '../evaluation/index.ts';
import { progressBar, report } from './output.ts';
import { writeTestCall } from './test-calls.ts';

type EvaluateOptions = {
  sequences: string;
  format?: 'pairs' | 'rows';
  recommenders: string;
  artifact?: string;
  protocol?: Protocol;
  k: string;
  seed: string;
  json?: string;
};

/** `evaluate`: Recall/NDCG over the full catalogue, with baselines and intervals beside them. */
export const addEvaluateCommand = (program: Command) =>
  program
    .command('evaluate')
    .description('Measure recommenders offline on a file of interaction sequences; needs no database.')
    .requiredOption('--sequences <file>', '`user item` a line, or `user item item …` a line, in time order')
    .addOption(new Option('--format <format>', 'of the file; found out by itself').choices(['pairs', 'rows']))
    .option(
      '--recommenders <list>',
      'comma-separated names',
      'popularity,markov,itemknn,ease,ease-recent,pipeline',
    )
    .addOption(
      new Option(
        '--protocol <name>',
        'what is hidden: the last item (the test), or the last but one (validation), as without it for a trained model',
      ).choices(['leave-one-out', 'leave-one-out-validation']),
    )
    .option('--artifact <folder>', 'of a trained model: recommender `sasrec`, and part of `pipeline`')
    .option('--k <n>', 'length of the lists that are judged', '10')
    .option('--seed <n>', 'seed of every draw', '1')
    .option('--json <file>', 'where the report goes; standard output without it')
    .action(async (options: EvaluateOptions) => {
      const bar = progressBar('evaluate');
      const result = await evaluate(
        {
          sequences: options.sequences,
          format: options.format,
          recommenders: options.recommenders.split(','),
          artifact: options.artifact,
          protocol: options.protocol ?? (options.artifact ? 'leave-one-out-validation' : 'leave-one-out'),
          k: Number(options.k),
          seed: Number(options.seed),
        },
        bar.update,
      );
      bar.stop();
      await writeTestCall(result);
      await report(result, options.json);
    });
