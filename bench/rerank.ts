import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../src/config.ts';
import { type ClientOrder, evaluateRerank, type RerankReport, rerankTable } from '../src/evaluation/index.ts';
import type { ImageLoader } from '../src/images/index.ts';
import { silentLog } from '../src/log.ts';
import { openIndexed } from '../src/store.ts';
import type { Behaviour } from '../test/judge/behaviour.ts';
import { startJudge } from '../test/judge/server.ts';
import { resultsOf, writeResults } from './machine.ts';

/**
 * Describe, then rank, over the demo world in HAMLET_HOME (`npx hamlet seed`), with a judge that errs as it is told.
 * What is compared, and what came out: bench/rerank.md.
 *   node bench/rerank.ts        LISTS=100 PART=tuning KIND=model node bench/rerank.ts
 */
const { LISTS = '500', PART = 'test', KIND } = process.env;
/** σ and b of the judge that everything is chosen for, before anything was. */
const JUDGE = { noise: 2, bias: 3 };
/** Pixels a side of what the judge is sent: what its CLIP sees. */
const SIDE = 96;
const PLAIN: readonly ClientOrder[] = ['identity'];

type Setting = {
  name: string;
  kind: 'image' | 'model';
  judge: Partial<Behaviour>;
  clientOrders: readonly ClientOrder[];
};
const SETTINGS: Setting[] = [
  {
    ...{ name: 'images, σ 2, b 3', kind: 'image', judge: JUDGE },
    clientOrders: ['identity', 'reversed', 'gold-first', 'gold-last'],
  },
  { name: 'images, faultless', kind: 'image', judge: {}, clientOrders: PLAIN },
  { name: 'models, σ 2, b 3', kind: 'model', judge: JUDGE, clientOrders: ['identity', 'reversed'] },
  { name: 'models, faultless', kind: 'model', judge: {}, clientOrders: PLAIN },
  { name: 'images, σ 8, b 3', kind: 'image', judge: { noise: 8, bias: 3 }, clientOrders: PLAIN },
  {
    ...{ name: 'images, σ 2, b 3, malformed 30 %, items missing 5 %', kind: 'image' },
    ...{ judge: { ...JUDGE, malformed: 0.3, missing: 0.05 }, clientOrders: PLAIN },
  },
];

export async function main(): Promise<void> {
  const judge = await startJudge();
  const config = loadConfig(process.env, {
    ...{
      VLM_BASE_URL: judge.url,
      VLM_MODEL: 'judge',
      VLM_PICTURES: 44,
      VLM_PICTURE_SIDE: 96,
      VLM_AT_ONCE: 8,
    },
  });
  const opened = await openIndexed(config, silentLog);
  const parts = {
    ...opened,
    images: await drawnOnce(opened.images, join(config.HAMLET_HOME, `drawn-${SIDE}`)),
  };
  const reports: Record<string, RerankReport> = {};
  try {
    for (const { name, kind, judge: faults, clientOrders } of SETTINGS) {
      if (KIND !== undefined && kind !== KIND) continue;
      const part = PART === 'tuning' ? 'tuning' : 'test';
      const began = performance.now();
      judge.erring(faults);
      reports[name] = await evaluateRerank(parts, {
        kind,
        part,
        lists: Number(LISTS),
        seed: 1,
        clientOrders,
      });
      print(name, reports[name], (performance.now() - began) / 1000);
      if (part === 'test') await keepReports('rerank', reports);
    }
  } finally {
    await parts.close();
    await judge.close();
  }
}

/** Each picture is drawn once for all settings, and kept for the next run: drawing takes longer than judging. */
async function drawnOnce(images: ImageLoader, folder: string): Promise<Pick<ImageLoader, 'load'>> {
  await mkdir(folder, { recursive: true });
  return {
    async load(source, shape, signal) {
      const name =
        typeof source === 'string' ? /^\/pictures\/([^/?#]+)\.webp$/u.exec(source)?.[1] : undefined;
      if (name === undefined) return images.load(source, shape, signal);
      const file = join(folder, name);
      if (existsSync(file)) return { data: await readFile(file), width: SIDE, height: SIDE };
      const drawn = await images.load(source, shape, signal);
      await writeFile(`${file}.${process.pid}`, drawn.data);
      await rename(`${file}.${process.pid}`, file);
      return drawn;
    },
  };
}

/** Beside what was measured before under other names. */
export async function keepReports(file: string, reports: Record<string, RerankReport>): Promise<void> {
  const before = (await resultsOf(file)) as { reports?: Record<string, RerankReport> } | undefined;
  await writeResults(file, { reports: { ...before?.reports, ...reports } });
}

export function print(name: string, report: RerankReport, seconds: number): void {
  console.log(`\n${name} (${Math.round(seconds)} s)\n${rerankTable(report)}`);
}

if (import.meta.main) await main();
