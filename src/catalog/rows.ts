import { hash } from 'node:crypto';
import type { SafetyRule } from '../safety/index.ts';
import { parsePrompt, plainText, type TextEncoder64, type ToxicityScorer } from '../text/index.ts';
import { parseCreatedAt } from './check.ts';
import { decisionColumns, decisionOf } from './judge.ts';
import { ITEM_FLAG, ITEM_STATUS, type ItemInput, KIND_CODE, LEVEL, type SafetyPolicy } from './types.ts';

/** What judges an item; its names are part of the digest, so a new encoder or scorer rewrites on the next put. */
export type Judges = {
  toxicity: ToxicityScorer;
  /** TEXT_MARK bits of a text. */
  marks: (text: string) => number;
  encoder: TextEncoder64;
  rule: SafetyRule;
};

/** One row as `json_to_recordset` reads it. Vectors are base64 of float32 little-endian. */
export type Row = {
  kind: number;
  id: string;
  level: number | null;
  assumed: number | null;
  classify: boolean;
  effective_level: number;
  safety_source: string;
  safety_reasons: string[];
  safety_rule: string;
  in_review: boolean;
  flags: number;
  text_marks: number;
  toxicity: number;
  toxicity_source: string;
  phash: string | null;
  title: string;
  url: string;
  tags: string[];
  prompt: string;
  negative_prompt: string;
  description: string;
  attributes: Record<string, unknown>;
  created_at: string | null;
  digest: string;
  text_vector: string | null;
  clip_vector: string | null;
  /** What made it. */
  clip_source: string;
};

/** Equal digests mean that storing the item again would change nothing. */
export function digestOf(item: ItemInput, policy: SafetyPolicy, judges: Judges): string {
  const { kind, id, ...rest } = item;
  const fields = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const { toxicity, rule, encoder } = judges;
  return hash('sha256', JSON.stringify([fields, policy, toxicity.name, rule.version, encoder.id]), 'hex');
}

/** Judges checked items: text score, effective level, content vectors. */
export async function rowsOf(
  items: { item: ItemInput; digest: string }[],
  policy: SafetyPolicy,
  judges: Judges,
): Promise<Row[]> {
  const unscored = items.filter(({ item }) => item.toxicity === undefined && textOf(item) !== '');
  const scores = await judges.toxicity.score(unscored.map(({ item }) => textOf(item)));
  const scored = new Map(unscored.map(({ item }, index) => [item, scores[index]!]));
  return items.map(({ item, digest }) => rowOf(item, digest, policy, judges, scored.get(item)));
}

function rowOf(
  item: ItemInput,
  digest: string,
  policy: SafetyPolicy,
  { toxicity: scorer, marks, encoder, rule }: Judges,
  score: number | undefined,
): Row {
  const toxicity = asReal(item.toxicity ?? score ?? 0);
  const judged = {
    ...{ level: item.browsingLevel || null, ...columnsOf(policy) },
    ...{ flags: flagsOf(item, toxicity > rule.unsafeText), text_marks: marks(textOf(item)), toxicity },
  };
  const decision = decisionOf(
    { ...judged, status: ITEM_STATUS.live, ref: 0, effective_level: 0, ...NOTHING_SEEN },
    rule,
  );
  const tags = [
    ...new Set(item.tags?.map((tag) => tag.replace(/\p{Cc}+/gu, ' ').trim()).filter((tag) => tag !== '')),
  ];
  return {
    kind: KIND_CODE[item.kind],
    id: item.id,
    ...{ ...judged, ...decisionColumns(decision), safety_rule: rule.version },
    toxicity_source: item.toxicity !== undefined ? 'declared' : score === undefined ? 'none' : scorer.name,
    phash: item.phash === undefined ? null : BigInt.asIntN(64, BigInt(`0x${item.phash}`)).toString(),
    title: item.title ?? '',
    url: item.url ?? '',
    tags,
    prompt: item.prompt ?? '',
    negative_prompt: item.negativePrompt ?? '',
    description: item.description ?? '',
    attributes: item.attributes ?? {},
    created_at: item.createdAt === undefined ? null : new Date(parseCreatedAt(item.createdAt)!).toISOString(),
    digest,
    text_vector: stored(encoder.encode({ ...item, tags })),
    clip_vector: item.vector === undefined ? null : stored(unit(item.vector)),
    clip_source: item.vectorSource ?? 'declared',
  };
}

const NOTHING_SEEN = { moderated: null, reported: false, scores: null };

const columnsOf = (policy: SafetyPolicy) => ({
  assumed: policy.mode === 'trusted' ? LEVEL.PG : policy.mode === 'level' ? policy.level : null,
  classify: policy.mode === 'classify',
});

/**
 * What the toxicity scorer reads: all text that shows or steers the picture. The negative prompt stays out: it
 * lists what the picture must not show. Weights and brackets go, because they look like leet spelling.
 */
export function textOf({
  title = '',
  tags = [],
  prompt = '',
  description = '',
}: Pick<ItemInput, 'title' | 'tags' | 'prompt' | 'description'>): string {
  const { clean, loras } = parsePrompt(prompt);
  const parts = [
    title,
    tags.join(', '),
    clean,
    loras.map(({ name }) => name).join(', '),
    plainText(description),
  ];
  return parts.filter((part) => part.trim() !== '').join('\n');
}

function flagsOf(item: ItemInput, unsafeText: boolean): number {
  const { licence = {} } = item;
  return (
    (item.availability === 'private' ? 0 : ITEM_FLAG.available) |
    (licence.commercialUse ? ITEM_FLAG.commercialUse : 0) |
    (licence.derivatives ? ITEM_FLAG.derivatives : 0) |
    (licence.noCredit ? ITEM_FLAG.noCreditNeeded : 0) |
    (item.minor ? ITEM_FLAG.minor : 0) |
    (item.poi ? ITEM_FLAG.poi : 0) |
    (unsafeText ? ITEM_FLAG.unsafeText : 0) |
    (item.role === 'showcase' ? ITEM_FLAG.showcase : 0)
  );
}

/** PostgreSQL refuses a number that underflows its `real`; so small a score says nothing. */
const asReal = (score: number) => (score < 1e-37 ? 0 : score);

function unit(vector: number[]): Float32Array {
  const length = Math.hypot(...vector);
  return new Float32Array(vector.map((value) => value / length));
}

/** Base64 of the vector; null when it is all zero (an item without words has no text vector). */
export function stored(vector: Float32Array): string | null {
  if (vector.every((value) => value === 0)) return null;
  const bytes = Buffer.alloc(vector.length * 4);
  for (let i = 0; i < vector.length; i++) bytes.writeFloatLE(vector[i]!, i * 4);
  return bytes.toString('base64');
}
