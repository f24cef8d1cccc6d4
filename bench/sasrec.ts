import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { EvaluationReport } from '../src/evaluation/index.ts';
import { writeResults } from './machine.ts';

/**
 * The final SASRec trainings: `node bench/sasrec.ts ml-1m [--seeds 1,2,3] [--test]`. A seed that is done is not done
 * again, one that was stopped goes on from its checkpoint. Without `--test` only validation is looked at; with it
 * each artifact is judged on the test once, which `bench/test-calls.md` writes down.
 */
const DATA = resolve(process.env.BENCH_DATA ?? '../shared/data', 'sequences');
const HERE = import.meta.dirname;
const CLI = resolve(HERE, '../src/cli.ts');
const SPECS = join(HERE, 'sasrec');
const BESIDE = 'popularity,markov,pipeline';

type Judged = { seed: number; artifact: string; HR: number; NDCG: number; ci95: number[] };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '1,2,3' }, test: { type: 'boolean', default: false } },
});
const [name = ''] = positionals;
const spec = join(SPECS, `${basename(name)}.json`);
const sequences = join(DATA, `${basename(name)}.txt`);
if (!existsSync(spec) || !existsSync(sequences)) {
  const known = readdirSync(SPECS).map((file) => basename(file, '.json'));
  console.error(`node bench/sasrec.ts ${known.join('|')}; ${DATA} (BENCH_DATA) has to hold NAME.txt`);
  process.exit(1);
}
const stages: object[] = [JSON.parse(readFileSync(spec, 'utf8'))].flat();
const out = resolve(HERE, '../.hamlet/bench', `sasrec-${name}`);
mkdirSync(out, { recursive: true });

const part = values.test ? 'test' : 'validation';
const seeds = values.seeds.split(',').map(Number);
const judged = seeds.map((seed) => judge(seed, train(seed)));
await writeResults(`sasrec-${name}`, {
  ...{ command: `node bench/sasrec.ts ${name} --seeds ${values.seeds}${values.test ? ' --test' : ''}` },
  ...{ stages, seeds: judged },
  [part]: { 'HR@10': meanAndDeviation(judged, 'HR'), 'NDCG@10': meanAndDeviation(judged, 'NDCG') },
});

/** One stage after the other; each begins with the weights of the one before. The last one's artifact. */
function train(seed: number): string {
  return stages.reduce((start, stage, n) => {
    const json = join(out, `trained-${seed}${n + 1 < stages.length ? `-${n + 1}` : ''}.json`);
    const spec = join(out, `spec-${n + 1}-${seed}.json`);
    const text = JSON.stringify({ ...stage, ...(start && { start }) });
    const sameAsBefore = existsSync(spec) && readFileSync(spec, 'utf8') === text;
    writeFileSync(spec, text);
    if (!existsSync(json) || !sameAsBefore)
      hamlet(
        ...['train', 'sasrec', '--sequences', sequences, '--out', out],
        ...['--spec', spec, '--seed', `${seed}`, '--json', json],
      );
    return JSON.parse(readFileSync(json, 'utf8')).artifact;
  }, '');
}

function judge(seed: number, artifact: string): Judged {
  const json = join(out, `${part}-${artifact}.json`);
  const protocol = values.test ? 'leave-one-out' : 'leave-one-out-validation';
  if (!existsSync(json))
    hamlet(
      'evaluate',
      '--sequences',
      sequences,
      '--artifact',
      join(out, artifact),
      ...['--protocol', protocol],
      ...['--recommenders', `${BESIDE},sasrec`, '--json', json],
    );
  const { sasrec } = (JSON.parse(readFileSync(json, 'utf8')) as EvaluationReport).recommenders;
  const found = { HR: sasrec!['HR@10']!, NDCG: sasrec!['NDCG@10']!, ci95: sasrec!.ci95['NDCG@10']! };
  console.log(`${name} seed ${seed} ${part}: HR@10 ${found.HR.toFixed(4)} NDCG@10 ${found.NDCG.toFixed(4)}`);
  return { seed, artifact, ...found };
}

function hamlet(...words: string[]): void {
  const { status } = spawnSync(process.execPath, [CLI, ...words], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function meanAndDeviation(all: Judged[], metric: 'HR' | 'NDCG'): { mean: number; sd: number } {
  const mean = all.reduce((sum, one) => sum + one[metric], 0) / all.length;
  const squares = all.reduce((sum, one) => sum + (one[metric] - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / Math.max(1, all.length - 1)) };
}
