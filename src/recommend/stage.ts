import { HamletError } from '../errors.ts';
import type { Degraded } from './types.ts';

/** Failures in a row after which a stage is left alone (milliseconds), so that a dead backend costs nothing. */
const FAILURES_BEFORE_REST = 3;
const REST_MS = 1000;

type Health = { failures: number; restUntil: number; code: string };
const healthOf = new WeakMap<object, Health>();

type Owner = { name: string; deadline: number; rest?: number };
export type Outcome<T> = { value: T } | { failed: Degraded };

/**
 * Runs a stage that may fail or be late. What answers synchronously stays synchronous.
 * A stage that throws, rejects or passes its deadline (ms) becomes a `Degraded` with its error's code.
 *
 * @param owner the stage object, which its health is kept by; `rest` where it is left alone for another time.
 * @param atHand whether it will answer from memory: then there is nothing to rest from
 */
export function runStage<T>(
  owner: Owner,
  work: () => T | Promise<T>,
  atHand = false,
): Outcome<T> | Promise<Outcome<T>> {
  const health = healthOf.get(owner);
  if (health && !atHand && health.restUntil > performance.now()) {
    return { failed: { stage: owner.name, code: health.code } };
  }
  try {
    const value = work();
    if (value instanceof Promise) return inTime(owner, value);
    if (health && !atHand) healthOf.delete(owner);
    return { value };
  } catch (error) {
    return failure(owner, error);
  }
}

async function inTime<T>(owner: Owner, pending: Promise<T>): Promise<Outcome<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // The error is made when it is needed: its stack costs more than many a stage.
    const fail = () => reject(new HamletError('deadline', 503, `${owner.name} was late`));
    // Where this thread is what was late, the answer may be waiting to be read: timers go first in each turn.
    timer = setTimeout(() => setImmediate(fail), owner.deadline);
  });
  try {
    const value = await Promise.race([pending, late]);
    healthOf.delete(owner);
    return { value };
  } catch (error) {
    pending.catch(() => {});
    return failure(owner, error);
  } finally {
    clearTimeout(timer);
  }
}

function failure(owner: Owner, error: unknown): Outcome<never> {
  const code = error instanceof HamletError ? error.code : 'failed';
  const health = healthOf.get(owner) ?? { failures: 0, restUntil: 0, code };
  health.code = code;
  health.failures++;
  if (health.failures >= FAILURES_BEFORE_REST) health.restUntil = performance.now() + (owner.rest ?? REST_MS);
  healthOf.set(owner, health);
  return { failed: { stage: owner.name, code } };
}
