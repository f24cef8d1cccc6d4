import { type Random, seededRandom } from '../../src/recommend/random.ts';

/** How a judge errs. Shares are of requests, but for `missing`, of items. */
export type Behaviour = {
  /** σ of the noise of one score. */
  noise: number;
  /** Points that the first place of a call has over the last. */
  bias: number;
  malformed: number;
  refused: number;
  missing: number;
  /** Answered 429 or 500 in turn. */
  busy: number;
  /** Bytes without end in place of an answer. */
  garbage: number;
  slow: number;
  slowMs: number;
  /** Obeys what it reads outside the data. */
  gullible: boolean;
};

export const FAULTLESS: Behaviour = {
  ...{ noise: 0, bias: 0, malformed: 0, refused: 0, missing: 0, busy: 0, garbage: 0, slow: 0 },
  ...{ slowMs: 0, gullible: false },
};

export type Score = {
  item: string;
  score: number;
  reason: string;
  preferences: string[];
  attributes: string[];
};

/** score = worth + N(0, σ) + b · (1 − place/(n − 1)), within the scale. */
export function erring(worths: number[], { noise, bias }: Behaviour, random: Random): number[] {
  return worths.map((worth, place) => {
    const early = worths.length === 1 ? 1 : 1 - place / (worths.length - 1);
    const score = 10 * worth + noise * normal(random) + bias * early;
    return Math.round(100 * Math.min(10, Math.max(0, score))) / 100;
  });
}

/** Answers that a caller must not take as they are, each as seen of real models. */
const MALFORMED: ((answer: string) => string)[] = [
  (answer) => answer.slice(0, Math.floor(answer.length * 0.6)),
  (answer) => `Sure! Here is my ranking:\n\`\`\`json\n${answer}\n\`\`\`\nLet me know if you need more.`,
  () => 'The second picture is by far the best; I would also keep the first one.',
  () => 'Das erste Bild passt am besten zu den Vorlieben, das letzte überhaupt nicht.',
  (answer) => answer.replaceAll(/"score":\s*[\d.]+/gu, '"score":"high"'),
  (answer) => answer.replaceAll(/"score":\s*/gu, '"score":9'),
  (answer) => answer.replaceAll(/"item":\s*"/gu, '"item":"9'),
  (answer) => answer.replaceAll('"', "'"),
  () => '{}',
  () => '',
];

export const malformed = (answer: string, random: Random): string =>
  MALFORMED[Math.floor(random.next() * MALFORMED.length)]!(answer);

/** The same for the same request at the same time of asking, whatever arrives beside it. */
export const randomFor = (digest: Buffer): Random => seededRandom(digest.readUInt32LE(0));

/** Box and Muller. */
const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
