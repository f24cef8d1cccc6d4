import { InvalidArgumentError } from 'commander';
import type { Config } from '../config.ts';
import { HamletError } from '../errors.ts';
import { evaluateRerank, rerankTable } from '../evaluation/index.ts';
import { openIndexed } from '../store.ts';
import { commandSetup, progressBar } from './output.ts';

export type RerankCommand = {
  kind: 'image' | 'model';
  lists: string;
  part: 'tuning' | 'test';
  seed: string;
  judgeNoise?: number;
  judgeBias?: number;
};
type Errors = { noise: number; bias: number };

/** Of the judge that everything was chosen for (bench/rerank.md). */
const USUAL: Errors = { noise: 2, bias: 3 };
/** Pixels a side of what the judge's CLIP sees, and pictures for three of each model of a call. */
const OF_THE_JUDGE = { VLM_MODEL: 'judge', VLM_API_KEY: '', VLM_PICTURE_SIDE: 96, VLM_PICTURES: 44 };

/** `evaluate --rerank`: the model at VLM_BASE_URL, or a judge whose errors are known. */
export async function measureRerank(command: RerankCommand) {
  const { kind, part } = command;
  const { config, log } = commandSetup();
  const errors = errorsOf(command, config);
  const judge = errors && (await startJudge(errors));
  const bar = progressBar('evaluate');
  const [lists, seed] = [Number(command.lists), Number(command.seed)];
  const options = { kind, part, lists, seed, clientOrders: ['identity', 'reversed'] } as const;
  try {
    const own = judge === null ? config : { ...config, ...OF_THE_JUDGE, VLM_BASE_URL: judge.url };
    const parts = await openIndexed(own, log);
    try {
      const found = await evaluateRerank(parts, options, bar.update);
      bar.stop();
      process.stderr.write(rerankTable(found));
      return errors ? { judge: errors, ...found } : found;
    } finally {
      await parts.close();
    }
  } finally {
    bar.stop();
    await judge?.close();
  }
}

/** Null: the model that is configured is measured. */
function errorsOf({ judgeNoise, judgeBias }: RerankCommand, { VLM_BASE_URL }: Config): Errors | null {
  if (judgeNoise === undefined && judgeBias === undefined && VLM_BASE_URL !== '') return null;
  return { noise: judgeNoise ?? USUAL.noise, bias: judgeBias ?? USUAL.bias };
}

/** The judge is a tool of the tests, which ship with the source and not with the container. */
async function startJudge(errors: Errors) {
  const { startJudge: start } = await import('../../test/judge/server.ts').catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const text = 'The judge is not here (test/judge of the source). Set VLM_BASE_URL to measure a model.';
    throw new HamletError('judge-missing', 422, text);
  });
  return start(errors);
}

/** Of scores, 0…10. */
export function points(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= 1000)) throw new InvalidArgumentError('points of a score, from 0 on');
  return value;
}
