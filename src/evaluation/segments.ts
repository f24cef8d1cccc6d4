import { bootstrap } from './intervals.ts';
import { type Judgement, judgeRanks } from './metrics.ts';
import type { Judged } from './runner.ts';
import type { Asked, Split } from './splits.ts';

export const SEGMENTS = [
  'new users',
  'light users',
  'heavy users',
  'head items',
  'tail items',
  'new items',
] as const;
export type SegmentName = (typeof SEGMENTS)[number];
export type SegmentFigures = {
  [metric: `${keyof Judgement}@${number}`]: number;
  users: number;
  ci95: Record<string, [number, number]>;
};

/** Known by so few items, a user is new. */
const NEW_USER = 1;
/** The most popular items that are the head: a fifth of those anybody met. */
const HEAD = 0.2;

/** Which of a question's targets (places) belong to a segment. */
type Belongs = Record<SegmentName, (asked: Asked) => number[]>;

/**
 * Figures by who is asked and by what is asked about. Users are light up to the median length of a history and heavy
 * above it; of a question about several items, each segment of items judges its own.
 */
export function segmentsOf(
  { ranks }: Pick<Judged, 'ranks'>,
  splits: Split[],
  { k, seed }: { k: number; seed: number },
): Partial<Record<SegmentName, SegmentFigures>> {
  const asked = splits.flatMap((split) => {
    const belongs = belongingTo(split);
    return split.questions.map((question) => ({ question, belongs }));
  });
  const found: Partial<Record<SegmentName, SegmentFigures>> = {};
  for (const name of SEGMENTS) {
    const ofUser = new Map<number, Judgement[]>();
    asked.forEach(({ question, belongs }, n) => {
      const own = belongs[name](question).map((place) => ranks[n]![place]!);
      if (own.length === 0) return;
      const judged = ofUser.get(question.user) ?? [];
      ofUser.set(question.user, judged);
      judged.push(judgeRanks(own, k));
    });
    if (ofUser.size > 0) found[name] = figuresOf([...ofUser.values()], k, seed);
  }
  return found;
}

function belongingTo({ training, questions }: Split): Belongs {
  const users = new Float64Array(training.items.length);
  for (const column of training.columns) users[column]!++;
  const met = [...users.keys()].filter((column) => users[column]! > 0).sort((a, b) => users[b]! - users[a]!);
  const head = new Set(met.slice(0, Math.ceil(met.length * HEAD)));
  const lengths = questions.map(({ history }) => history.length).sort((a, b) => a - b);
  const median = lengths[Math.floor((lengths.length - 1) / 2)] ?? 0;
  const all = ({ targets }: Asked) => [...targets.keys()];
  const when = (fits: (length: number) => boolean) => (asked: Asked) =>
    fits(asked.history.length) ? all(asked) : [];
  const where = (fits: (column: number) => boolean) => (asked: Asked) =>
    all(asked).filter((place) => fits(asked.targets[place]!));
  return {
    'new users': when((length) => length <= NEW_USER),
    'light users': when((length) => length > NEW_USER && length <= median),
    'heavy users': when((length) => length > Math.max(NEW_USER, median)),
    'head items': where((column) => head.has(column)),
    'tail items': where((column) => users[column]! > 0 && !head.has(column)),
    'new items': where((column) => users[column] === 0),
  };
}

function figuresOf(ofUsers: Judgement[][], k: number, seed: number): SegmentFigures {
  const metrics = Object.keys(ofUsers[0]![0]!) as (keyof Judgement)[];
  const perUser = Object.fromEntries(
    metrics.map((metric) => [
      `${metric}@${k}`,
      Float64Array.from(
        ofUsers,
        (judged) => judged.reduce((sum, one) => sum + one[metric], 0) / judged.length,
      ),
    ]),
  );
  const means = Object.entries(perUser).map(([name, values]) => [
    name,
    values.reduce((sum, value) => sum + value, 0) / values.length,
  ]);
  return { ...Object.fromEntries(means), users: ofUsers.length, ci95: bootstrap(perUser, seed) };
}
