import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runHamletSidecar } from '../src/cli/on-sidecar.ts';
import { progressBar } from '../src/cli/output.ts';
import type { Config } from '../src/config.ts';
import type { Log } from '../src/log.ts';
import { judgeUsers } from './w2w-judge.ts';
import { w2wWorld } from './w2w-world.ts';
import { WEIGHTS } from './world-check.ts';

/**
 * Every figure of weights2weights on the demo world's zoo. `work` keeps partial results: the same call goes on.
 *
 * @param asked.sizes what is smaller than in sidecar/hamlet_sidecar/w2w/report/run.py
 * @param asked.method the space that directions, edits and users are of
 * @param asked.only some of its parts; none = all
 */
export async function w2wReport(asked: {
  config: Config;
  log: Log;
  work: string;
  users: number;
  sizes: Record<string, number>;
  only: string[];
  method: string;
}): Promise<unknown> {
  const work = resolve(asked.work);
  const world = join(work, 'world.json');
  await mkdir(work, { recursive: true });
  const told = await w2wWorld(asked.config, asked.log, asked.users);
  await writeFile(world, JSON.stringify(told));
  const files = ['--weights', WEIGHTS, '--world', world, '--work', work];
  const words = [
    'w2w-report',
    ...files,
    '--sizes',
    JSON.stringify(asked.sizes),
    '--method',
    asked.method,
    '--only',
    ...asked.only,
  ];
  const bar = progressBar('report');
  try {
    const figures = await runHamletSidecar<Figures>(words, { line: (said) => shown(said, bar.update) });
    const people = figures.users?.users ?? [];
    const judge = people.length > 0 ? await judgeUsers(people, join(work, 'pictures'), asked) : null;
    return { ...figures, labels: told.labels, judge };
  } finally {
    bar.stop();
  }
}

type Figures = { users?: { users?: { id: string; text: string }[] } };

/** Progress comes as `progress 0.25 what`. */
function shown(line: string, update: (fraction: number, note: string) => void): boolean {
  const [, fraction, note = ''] = /^progress ([\d.]+) (.*)$/u.exec(line) ?? [];
  if (fraction === undefined) return false;
  update(Number(fraction), note);
  return true;
}
