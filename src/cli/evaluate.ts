import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config.ts';
import { badInput } from '../errors.ts';
import {
  evaluate,
  evaluateInteractions,
  evaluateLog,
  keepReport,
  markdownOf,
  type Protocol,
  pageOf,
} from '../evaluation/index.ts';
import { openIndexed } from '../store.ts';
import { measureRerank, points, type RerankCommand } from './evaluate-rerank.ts';
import { commandSetup, progressBar, report } from './output.ts';
import { writeTestCall } from './test-calls.ts';

type EvaluateOptions = RerankCommand & {
  sequences?: string;
  interactionsTrain?: string;
  interactionsTest?: string;
  rerank?: boolean;
  format?: 'pairs' | 'rows';
  log?: true;
  pipeline?: true;
  periods: string;
  recommenders: string;
  artifact: string[];
  protocol?: Protocol;
  cut: { share: number } | { at: number };
  training?: string;
  k: string;
  baseline?: string;
  json?: string;
  markdown?: string;
  html?: string;
};

/** `evaluate`: Recall/NDCG over the full catalogue, with baselines and intervals beside them. */
export const addEvaluateCommand = (program: Command) =>
  program
    .command('evaluate')
    .description('Measure recommenders on a file of sequences or on the log of the database, or re-ranking.')
    .option(
      '--sequences <file>',
      '`user item` a line, or `user item item …` a line, in time order; `user item time` for `--protocol temporal`',
    )
    .option('--log', 'what people did here, by `--protocol temporal`')
    .option('--interactions-train <file>', 'people × items (scipy .npz), with --interactions-test: Recall@k')
    .option('--interactions-test <file>', 'what is looked for')
    .option('--rerank', 'lists of the past, ranked again by the model at VLM_BASE_URL, else by a judge')
    .option('--judge-noise <points>', 'σ of the judge’s scores (0…10); 2 without it', points)
    .option('--judge-bias <points>', 'of its first place over its last; 3 without it', points)
    .option('--pipeline', 'the same, replayed: visit by visit, as the pipeline would have served it then')
    .option('--periods <n>', 'of the replay; each learns from all before it', '4')
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
        'what is hidden: the last item (the test), or the last but one (validation), as without it for a trained model; or all that came after a moment',
      ).choices(['leave-one-out', 'leave-one-out-validation', 'temporal']),
    )
    .option('--cut <when>', 'that moment: a part of all events, or a date', cutOf, { share: 0.8 })
    .option('--training <file>', 'where what came before it goes, for `train sasrec --sequences`')
    .option(
      '--artifact <folder>',
      'of a trained model (again for more): recommender `sasrec`, and the first one part of `pipeline`',
      (folder: string, others: string[]) => [...others, folder],
      [],
    )
    .option('--k <n>', 'length of the lists that are judged', '10')
    .option('--seed <n>', 'seed of every draw', '1')
    .option(
      '--baseline <name>',
      'whom all others are compared with in pairs; the first recommender without it',
    )
    .option('--json <file>', 'where the report goes; standard output without it')
    .option('--markdown <file>', 'the report as tables')
    .option('--html <file>', 'the report as one page with plots that needs no other file')
    .action(async (options: EvaluateOptions) => {
      if (options.rerank) return report(await measureRerank(options), options.json);
      if (options.interactionsTrain !== undefined) return measureInteractions(options);
      if ((options.sequences === undefined) === !(options.log || options.pipeline))
        throw badInput(
          'option-missing',
          '--sequences FILE, --log, --pipeline or --rerank says what is to be measured',
        );
      const result = options.sequences === undefined ? await measureLog(options) : await measureFile(options);
      await writeTestCall(result);
      await keepReport(loadConfig().HAMLET_HOME, result);
      if (options.markdown !== undefined) await writeFile(options.markdown, markdownOf(result));
      if (options.html !== undefined) await writeFile(options.html, pageOf(result));
      await report(result, options.json);
    });

const asked = (options: EvaluateOptions) => ({
  recommenders: options.recommenders.split(','),
  artifacts: options.artifact,
  k: Number(options.k),
  seed: Number(options.seed),
  cut: options.cut,
  baseline: options.baseline,
  training: options.training,
});

async function measureFile(options: EvaluateOptions) {
  const bar = progressBar('evaluate');
  const unsaid = options.artifact.length > 0 ? 'leave-one-out-validation' : 'leave-one-out';
  const { sequences = '', format, protocol = unsaid } = options;
  try {
    return await evaluate({ ...asked(options), sequences, format, protocol }, bar.update);
  } finally {
    bar.stop();
  }
}

async function measureLog(options: EvaluateOptions) {
  const { config, log } = commandSetup();
  const parts = await openIndexed(config, log);
  const bar = progressBar('evaluate');
  try {
    const periods = options.pipeline && Number(options.periods);
    return await evaluateLog(parts, { ...asked(options), kind: options.kind, periods }, bar.update);
  } finally {
    bar.stop();
    await parts.close();
  }
}

/** `0.8`, or anything that is a date. */
function cutOf(value: string): EvaluateOptions['cut'] {
  const share = Number(value);
  if (share > 0 && share < 1) return { share };
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw new InvalidArgumentError('a part between 0 and 1, or a date');
  return { at };
}

/** People and items without an order have no validation of their own: each call looks at the test. */
async function measureInteractions(options: EvaluateOptions): Promise<void> {
  const { interactionsTrain: train, interactionsTest: test, artifact } = options;
  if (test === undefined)
    throw badInput('option-missing', '--interactions-test FILE says what is looked for');
  const bar = progressBar('evaluate');
  const result = await evaluateInteractions(
    {
      ...{ train: train!, test, artifact: artifact[0], recommenders: options.recommenders.split(',') },
      ...{ k: Number(options.k), seed: Number(options.seed) },
    },
    bar.update,
  );
  bar.stop();
  await writeTestCall(result);
  await report(result, options.json);
}
