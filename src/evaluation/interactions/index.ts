import { badInput } from '../../errors.ts';
import { bootstrap } from '../intervals.ts';
import { type EvaluationReport, thisMachine } from '../report.ts';
import { type Judged, judge } from './metrics.ts';
import { type Matrix, readMatrix } from './npz.ts';
import { popularity, type Recommender, twoTower } from './recommenders.ts';

export type InteractionFigures = {
  [metric: `${'Recall' | 'HR' | 'NDCG'}@${number}`]: number;
  /** 95 % bootstrap intervals over users. */
  ci95: Record<string, [number, number]>;
  /** Share of the catalogue that stands in at least one list. */
  coverage: number;
  seconds: number;
};

export type InteractionsReport = {
  dataset: Pick<Matrix, 'file' | 'sha256' | 'users' | 'items'> & { interactions: number; asked: number };
  protocol: {
    name: 'interactions';
    k: number;
    seed: number;
    /** Who has something to be asked about. */
    users: number;
    seen: 'filtered';
    ties: 'against the model';
    recall: 'hits by targets, uncapped';
  };
  artifacts?: { kind: string; version: string; dataset: string }[];
  recommenders: Record<string, InteractionFigures>;
  machine: EvaluationReport['machine'];
};

/** People who are asked about at a time. */
const PEOPLE = 128;
const NAMES = ['popularity', 'two-tower'];
const LONGEST_LIST = 100;

/**
 * Measures on people and items without an order: asked with what a person has in `train`, the full catalogue is
 * ranked, and what they have in `test` is looked for, as with LightGCN's splits.
 *
 * @throws HamletError `recommender-unknown`, `option-invalid`, `file-unreadable`, `interactions-unreadable`,
 *   `artifact-foreign` (400), `artifact-invalid` (422)
 */
export async function evaluateInteractions(
  options: {
    train: string;
    test: string;
    recommenders: string[];
    artifact?: string;
    k: number;
    seed: number;
  },
  progress: (fraction: number, note?: string) => void = () => {},
): Promise<InteractionsReport> {
  const { k, seed } = options;
  const unknown = options.recommenders.find((name) => !NAMES.includes(name));
  if (unknown !== undefined)
    throw badInput('recommender-unknown', `no recommender ${unknown} here; there are ${NAMES.join(', ')}`);
  if (!Number.isSafeInteger(k) || k < 1 || k > LONGEST_LIST)
    throw badInput('option-invalid', `k must be a whole number from 1 to ${LONGEST_LIST}`);
  if (options.recommenders.includes('two-tower') && options.artifact === undefined)
    throw badInput('option-invalid', 'two-tower needs the folder of an artifact');
  const [train, test] = await Promise.all([readMatrix(options.train), readMatrix(options.test)]);
  if (train.users !== test.users || train.items !== test.items)
    throw badInput('interactions-unreadable', `${train.file} and ${test.file} are not of the same size`);
  const asked = peopleWith(test, train);
  const recommenders: Record<string, InteractionFigures> = {};
  let artifacts: InteractionsReport['artifacts'];
  for (const [n, name] of options.recommenders.entries()) {
    const made = name === 'popularity' ? popularity(train) : await twoTower(options.artifact!, train);
    if (made.artifact) artifacts = [made.artifact];
    recommenders[name] = await measure(made.recommend, { train, test, asked, k, seed }, (fraction) =>
      progress((n + fraction) / options.recommenders.length, name),
    );
  }
  const { file, sha256, users, items } = train;
  return {
    dataset: { file, sha256, users, items, interactions: train.columns.length, asked: test.columns.length },
    protocol: {
      ...{ name: 'interactions', k, seed, users: asked.length, seen: 'filtered' },
      ...{ ties: 'against the model', recall: 'hits by targets, uncapped' },
    },
    ...(artifacts && { artifacts }),
    recommenders,
    machine: thisMachine(),
  };
}

/** Whoever has targets and a history, the shortest history first: lists of a batch are of about one length. */
function peopleWith(test: Matrix, train: Matrix): number[] {
  const asked: number[] = [];
  for (let user = 0; user < test.users; user++)
    if (rowOf(test, user).length > 0 && rowOf(train, user).length > 0) asked.push(user);
  if (asked.length === 0) throw badInput('interactions-empty', `nobody of ${test.file} can be asked about`);
  return asked.sort((a, b) => rowOf(train, a).length - rowOf(train, b).length);
}

const rowOf = ({ offsets, columns }: Matrix, user: number): Int32Array =>
  columns.subarray(offsets[user]!, offsets[user + 1]!);

async function measure(
  recommend: Recommender,
  { train, test, asked, k, seed }: { train: Matrix; test: Matrix; asked: number[]; k: number; seed: number },
  progress: (fraction: number) => void,
): Promise<InteractionFigures> {
  const started = performance.now();
  const recalls = new Float64Array(asked.length);
  const gains = new Float64Array(asked.length);
  const shown = new Set<number>();
  for (let start = 0; start < asked.length; start += PEOPLE) {
    const histories = asked.slice(start, start + PEOPLE).map((user) => rowOf(train, user));
    const longest = Math.max(...histories.map((history) => history.length));
    const lists = await recommend(histories, Math.min(train.items, k + longest + 1));
    lists.forEach((best, n) => {
      const targets = new Set(rowOf(test, asked[start + n]!));
      const judged: Judged = judge(best, new Set(histories[n]), targets, k);
      [recalls[start + n], gains[start + n]] = [judged.recall, judged.ndcg];
      for (const item of judged.list) shown.add(item);
    });
    progress(Math.min(1, (start + PEOPLE) / asked.length));
  }
  const perUser = { [`Recall@${k}`]: recalls, [`NDCG@${k}`]: gains };
  const means = Object.entries(perUser).map(([name, values]) => [name, mean(values)]);
  return {
    ...(Object.fromEntries(means) as Record<string, number>),
    ci95: bootstrap(perUser, seed),
    coverage: shown.size / train.items,
    seconds: (performance.now() - started) / 1000,
  };
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
