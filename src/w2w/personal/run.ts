import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HamletError } from '../../errors.ts';
import type { ImageLoader } from '../../images/index.ts';
import type { Log } from '../../log.ts';
import type { ClipEncoder } from '../../models/index.ts';
import type { Taste } from '../../taste/index.ts';
import type { Vlm } from '../../vlm/index.ts';
import { begunFor, type Derived, getDerived } from '../derived-rows.ts';
import { learn } from '../directions.ts';
import { startEdit } from '../edits.ts';
import { usableSpace } from '../space-rows.ts';
import {
  endPersonalization,
  isRunning,
  keepStep,
  type Running,
  readRunning,
  type StepName,
  type Steps,
} from './rows.ts';
import { labelLoras, type TasteParts, tasteOf, toldTaste, wantedBy } from './taste-step.ts';
import { verdictOn } from './verdict-step.ts';

export type PersonalParts = TasteParts & {
  images: Pick<ImageLoader, 'load'>;
  encoder: ClipEncoder | null;
  vlm: Vlm | null;
  log: Log;
  /** Between two looks at a training. */
  pollMs?: number;
};

/** Two standard deviations of the labelled LoRAs: from between the classes to beyond the middle of one. */
const ALPHA = 2;
/** Of no style: what style there is comes from the weights. */
const PROMPTS = [
  ...['a lighthouse on a cliff', 'a city skyline by the water', 'a lone old tree on a hill'],
  ...['snowy mountains above a lake', 'a sailing boat on a calm sea', 'a castle on a hill'],
  ...['a misty fir forest', 'desert dunes with long shadows'],
];
const POLL_MS = 500;

/** Carries one to its end, from the last step that is kept. May be called again after whoever called it has died. */
export async function personalize(parts: PersonalParts, id: string, signal: AbortSignal): Promise<void> {
  const { db, log } = parts;
  const held = await readRunning(db, id);
  if (held === undefined) return;
  try {
    if (await inSteps(parts, held, signal)) await endPersonalization(db, id, 'done');
  } catch (error) {
    if (signal.aborted || !(error instanceof HamletError) || error.status === 503) throw error;
    log.warn({ err: error, personalization: id }, 'a personalization failed');
    await endPersonalization(db, id, 'failed', { code: error.code, message: error.message });
  }
}

/** @returns false when it was cancelled meanwhile. */
async function inSteps(parts: PersonalParts, held: Running, signal: AbortSignal): Promise<boolean> {
  const steps: Steps = held.steps;
  const { artifact } = await usableSpace(parts.db, parts.home, held.spaceId);
  const taste = await tasteOf(parts, held.userId);
  const step = async <Name extends StepName>(name: Name, make: () => Promise<NonNullable<Steps[Name]>>) => {
    steps[name] ??= await make();
    return keepStep(parts.db, held.id, steps);
  };
  const each = <T>(work: (preference: string) => Promise<T>) =>
    forEach(parts, held.id, Object.keys(steps.labels!), work);
  return (
    (await step('taste', async () => toldTaste(taste))) &&
    (await step('labels', () => labelLoras(parts, held, taste))) &&
    (await step('directions', () => each((one) => direction(parts, held, steps, artifact, one, signal)))) &&
    (await step('edits', () => each((one) => edit(parts, held, steps, one, signal)))) &&
    (await step('verdict', () => verdicts(parts, steps, taste)))
  );
}

async function direction(
  parts: PersonalParts,
  { id: personalization, spaceId, userId, userRef }: Running,
  steps: Steps,
  artifact: string,
  preference: string,
  signal: AbortSignal,
) {
  const { text } = steps.taste!.preferences.find(({ id }) => id === preference) ?? { text: preference };
  const step = { personalization, preference };
  const begin = () =>
    learn(parts, {
      ...{ id: spaceId, artifact, userRef, step, name: `${userId} ${preference}` },
      // The bare number names nobody once the person's row is gone.
      nameOutside: `person ${userRef} ${preference}`,
      ...{ labelledBy: { user: userId, preference, text }, labels: steps.labels![preference]!.loras },
    });
  const id = (await begunFor(parts.db, 'directions', step)) ?? (await begin()).id;
  const ended = await untilOver(parts, 'directions', id, signal);
  return { direction: id, error: ended.error?.code ?? null };
}

async function edit(
  parts: PersonalParts,
  { id: personalization, spaceId, userRef }: Running,
  steps: Steps,
  preference: string,
  signal: AbortSignal,
) {
  const { direction: id, error } = steps.directions![preference]!;
  if (error !== null) return { edit: '', alpha: 0, error };
  const wish = {
    space: spaceId,
    base: 'mean',
    directions: [{ id, alpha: ALPHA }],
    preview: { prompts: PROMPTS },
  };
  const step = { personalization, preference };
  const begun = (await begunFor(parts.db, 'edits', step)) ?? (await startEdit(parts, wish, userRef, step)).id;
  const ended = await untilOver(parts, 'edits', begun, signal);
  return { edit: begun, alpha: ALPHA, error: ended.error?.code ?? null };
}

async function verdicts(parts: PersonalParts, steps: Steps, taste: Taste) {
  const { db, home, encoder, images, vlm, tastes } = parts;
  const verdict: NonNullable<Steps['verdict']> = {};
  const wanted = await wantedBy(parts, taste);
  for (const preference of taste.preferences) {
    const made = steps.edits![preference.id];
    if (made === undefined || made.error !== null) continue;
    const { artifact } = await getDerived(db, 'edits', made.edit);
    verdict[preference.id] = await verdictOn(
      { images, encoder: encoder!, vocabulary: tastes.vocabulary(), vlm },
      join(home, 'artifacts', artifact!),
      preference,
      wanted.get(preference.id)!,
    );
  }
  if (Object.keys(verdict).length === 0)
    throw new HamletError(
      'direction-not-found',
      422,
      'Of none of the tastes was there a direction: see the steps.',
    );
  return verdict;
}

/** @throws HamletError `trainings` that were cancelled count as failed */
async function untilOver(
  { db, pollMs = POLL_MS }: PersonalParts,
  of: 'directions' | 'edits',
  id: string,
  signal: AbortSignal,
): Promise<Derived> {
  for (;;) {
    const row = await getDerived(db, of, id);
    if (row.state === 'cancelled')
      return { ...row, error: { code: 'cancelled', message: 'It was cancelled.' } };
    if (row.state !== 'queued' && row.state !== 'running') return row;
    await sleep(pollMs, undefined, { signal });
  }
}

/** Begins nothing new for one that was cancelled meanwhile. */
async function forEach<T>(
  { db }: Pick<PersonalParts, 'db'>,
  id: string,
  names: string[],
  work: (name: string) => Promise<T>,
): Promise<Record<string, T>> {
  const found: Record<string, T> = {};
  for (const name of names) if (await isRunning(db, id)) found[name] = await work(name);
  return found;
}
