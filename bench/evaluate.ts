import { evaluate } from '../src/evaluation/index.ts';
import { writeResults } from './machine.ts';
import { ml1m } from './ml-1m-data.ts';

/** HR@10 and NDCG@10 on ML-1M, leave-one-out, as others measured them; ours must be within ±.002. */
const INDEPENDENT: Record<string, [number, number]> = {
  popularity: [0.0363, 0.0178],
  markov: [0.2151, 0.1261],
  itemknn: [0.0704, 0.0365],
  ease: [0.1099, 0.0544],
  'ease-recent': [0.2311, 0.1293],
};
const WITHIN = 0.002;
const PIPELINE_NDCG = 0.12;

/** Every baseline and the pipeline as served, over all users and the whole catalogue. */
export async function main(): Promise<void> {
  const data = ml1m();
  if (data === null) return;
  const report = await evaluate({
    ...{ sequences: data.file, recommenders: [...Object.keys(INDEPENDENT), 'pipeline'] },
    ...{ protocol: 'leave-one-out', k: 10, seed: 1 },
  });
  const wrong: string[] = [];
  for (const [name, figures] of Object.entries(report.recommenders)) {
    const hr = figures['HR@10']!;
    const ndcg = figures['NDCG@10']!;
    const [theirHr, theirNdcg] = INDEPENDENT[name] ?? [hr, Math.max(ndcg, PIPELINE_NDCG)];
    const holds = Math.abs(hr - theirHr) <= WITHIN && Math.abs(ndcg - theirNdcg) <= WITHIN;
    if (!holds) wrong.push(name);
    const [low, high] = figures.ci95['NDCG@10']!;
    console.log(
      `${name.padEnd(12)} HR@10 ${hr.toFixed(4)}  NDCG@10 ${ndcg.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]` +
        `  coverage ${figures.coverage.toFixed(2)}  ${figures.seconds.toFixed(1)} s  ${holds ? '' : 'NOT AS EXPECTED'}`,
    );
  }
  const { machine: _, ...figures } = report;
  await writeResults('evaluate-ml-1m', figures);
  if (wrong.length > 0) throw new Error(`not the independent figures: ${wrong.join(', ')}`);
}

if (import.meta.main) await main();
