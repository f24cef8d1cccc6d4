import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { pythonEnvironment } from '../../../scripts/python-env.ts';
import { judge } from '../../../src/evaluation/index.ts';
import { packLog } from '../../../src/evaluation/pack.ts';
import type { Split } from '../../../src/evaluation/splits.ts';
import { seededRandom } from '../../../src/recommend/random.ts';

const SUPPORT = resolve(import.meta.dirname, '../../support');
const [ITEMS, QUESTIONS, K] = [200, 300, 10];

t.setTimeout(600_000);
t.test('HR, NDCG, Recall and MRR are those that trec_eval works out, to the twelfth digit', async (t) => {
  const random = seededRandom(5);
  const draw = (most: number) => Math.floor(random.next() * most);
  /** Places of a shuffled catalogue: the first are history, some after it targets. */
  const questions: Split['questions'] = Array.from({ length: QUESTIONS }, (_, user) => {
    const order = Array.from({ length: ITEMS }, (_, item) => ({ item, at: random.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
    const known = 1 + draw(30);
    return {
      user,
      history: Int32Array.from(order.slice(0, known)),
      targets: Int32Array.from(order.slice(known, known + 1 + draw(15))),
    };
  });
  const scores = questions.map(() => Float64Array.from({ length: ITEMS }, () => random.next()));
  const split: Split = { questions, tooShort: 0, training: packLog([{ columns: [0] }], ITEMS) };
  const { perQuestion } = await judge(
    { prepare: () => ({ score: (_, into, { user }) => into.set(scores[user]!) }) },
    split,
    { k: K, seed: 1 },
  );
  const python = await pythonEnvironment('pytrec-eval', join(SUPPORT, 'pytrec-eval-requirements.txt'));
  const theirs = await judgedBy(python, {
    k: K,
    targets: questions.map(({ targets }) => [...targets]),
    rankings: questions.map(({ user, history }) => ranking(scores[user]!, history)),
  });
  const pairs = { 'HR@10': 'success_10', 'NDCG@10': 'ndcg_cut_10', 'Recall@10': 'recall_10' };
  for (const [ours, name] of Object.entries(pairs))
    for (const [n, value] of perQuestion[ours]!.entries())
      t.ok(Math.abs(value - theirs[n]![name]!) < 1e-12, `${ours} of question ${n}`);
  // trec_eval's has no cut: beyond the list ours is 0.
  for (const [n, value] of perQuestion['MRR@10']!.entries()) {
    const uncut = theirs[n]!.recip_rank!;
    t.ok(Math.abs(value - (uncut < 1 / K - 1e-12 ? 0 : uncut)) < 1e-12, `MRR@10 of question ${n}`);
  }
});

/** A full sort, the seen left out. */
function ranking(scores: Float64Array, seen: Int32Array): number[] {
  const left = new Set(seen);
  return [...scores.keys()].filter((item) => !left.has(item)).sort((a, b) => scores[b]! - scores[a]!);
}

async function judgedBy(python: string, asked: object): Promise<Record<string, number>[]> {
  const child = spawn(python, [join(SUPPORT, 'judge_rankings.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(asked));
  return JSON.parse(await text(child.stdout));
}
