import { type Command, Option } from 'commander';
import { openIndexed } from '../app.ts';
import { loadConfig } from '../config.ts';
import { badInput } from '../errors.ts';
import { evaluate, evaluateRerank, keepReport, type Protocol } from '../evaluation/index.ts';
import { commandSetup, progressBar, report } from './output.ts';
import { writeTestCall } from './test-calls.ts';

type EvaluateOptions = {
  sequences?: string;
  rerank?: boolean;
  kind: 'image' | 'model';
  lists: string;
  part: 'tuning' | 'test';
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
    .description('Measure recommenders on a file of sequences, or re-ranking on the log of the database.')
    .option('--sequences <file>', '`user item` a line, or `user item item …` a line, in time order')
    .option('--rerank', 'measure the model at VLM_BASE_URL: lists of the past, ranked again')
    .addOption(new Option('--kind <kind>', 'of the lists').choices(['image', 'model']).default('image'))
    .option('--lists <n>', 'lists that are ranked again', '500')
    .addOption(
      new Option('--part <part>', 'whose lists: choices are made on the one, figures told of the other')
        .choices(['tuning', 'test'])
        .default('test'),
    )
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
      if (options.rerank) return report(await measureRerank(options), options.json);
      if (options.sequences === undefined)
        throw badInput('option-missing', '--sequences FILE or --rerank says what is to be measured');
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
      await keepReport(loadConfig().HAMLET_HOME, result);
      await report(result, options.json);
    });

async function measureRerank({ kind, part, lists, seed }: EvaluateOptions) {
  const { config, log } = commandSetup();
  const parts = await openIndexed(config, log);
  const bar = progressBar('evaluate');
  try {
    const clientOrders = ['identity', 'reversed'] as const;
    return await evaluateRerank(
      parts,
      { kind, part, lists: Number(lists), seed: Number(seed), clientOrders },
      bar.update,
    );
  } finally {
    bar.stop();
    await parts.close();
  }
}
