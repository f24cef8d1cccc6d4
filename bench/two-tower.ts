import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { InteractionsReport } from '../src/evaluation/index.ts';
import { writeResults } from './machine.ts';

/**
 * Two towers on Gowalla: `node bench/two-tower.ts [--seeds 1,2,3] [--test]`. Without `--test` a tenth of each history
 * is kept from the training and asked for; with it everything is learned from, and each artifact is judged on the
 * test once, which `bench/test-calls.md` writes down. What is done is not done again.
 */
const DATA = resolve(process.env.BENCH_DATA ?? '../shared/data', 'cf');
const HERE = import.meta.dirname;
const CLI = resolve(HERE, '../src/cli.ts');
const SPEC = join(HERE, 'two-tower', 'gowalla.json');

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1' }, test: { type: 'boolean', default: false } },
});
const train = join(DATA, 'gowalla_train.npz');
if (!existsSync(train)) {
  console.error(`${DATA} (BENCH_DATA/cf) has to hold gowalla_train.npz and gowalla_test.npz`);
  process.exit(1);
}
const out = resolve(HERE, '../.hamlet/bench/two-tower-gowalla');
mkdirSync(out, { recursive: true });

type Trained = { artifact: string; validation: Record<string, number>; seconds: number };
const seeds = values.seeds.split(',').map(Number);
const spec = JSON.parse(readFileSync(SPEC, 'utf8'));
const kept = { validation: 0.1, judged: 1e6 };
const results = seeds.map((seed) => ({ seed, ...(values.test ? judged(seed) : validated(seed)) }));
/** Recall@20, NDCG@20 on the test, as their authors or comparisons have them. */
const PUBLISHED = {
  YoutubeDNN: [0.1754, 0.1473],
  EASE: [0.1765, 0.1467],
  SimpleX: [0.1872, 0.1557],
  BSPM: [0.192, 0.1597],
};
await writeResults(`two-tower-gowalla${values.test ? '' : '-validation'}`, {
  command: `node bench/two-tower.ts --seeds ${values.seeds}${values.test ? ' --test' : ''}`,
  ...{ spec, published: PUBLISHED, seeds: results },
});

function validated(seed: number) {
  const { validation, seconds } = trained(seed, `validation-${seed}`, kept);
  return { validation, seconds };
}

function judged(seed: number) {
  const { artifact, seconds } = trained(seed, `trained-${seed}`, {});
  const json = join(out, `test-${artifact}.json`);
  if (!existsSync(json))
    hamlet(
      ...['evaluate', '--interactions-train', train, '--interactions-test', join(DATA, 'gowalla_test.npz')],
      ...['--artifact', join(out, artifact), '--recommenders', 'two-tower,popularity', '--k', '20'],
      ...['--json', json],
    );
  const { recommenders, protocol, dataset } = JSON.parse(readFileSync(json, 'utf8')) as InteractionsReport;
  return { artifact, trainingSeconds: seconds, recommenders, protocol, dataset };
}

function trained(seed: number, name: string, changed: object): Trained {
  const json = join(out, `${name}.json`);
  if (!existsSync(json)) {
    const file = join(out, `${name}-spec.json`);
    writeFileSync(file, JSON.stringify({ ...spec, ...changed }));
    hamlet(
      ...['train', 'two-tower', '--interactions-train', train, '--out', out, '--seed', `${seed}`],
      ...['--spec', file, '--json', json],
    );
  }
  return JSON.parse(readFileSync(json, 'utf8'));
}

function hamlet(...words: string[]): void {
  const { status } = spawnSync(process.execPath, [CLI, ...words], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
