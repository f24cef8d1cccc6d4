/** @import { Artifact, Training } from '../../types.ts' */

/** @typedef {Pick<Training, 'id' | 'finishedAt' | 'state' | 'error' | 'result'> & { createdAt: string | null, isPairs: boolean }} Alignment */

const PAIRS = 'dpo-pairs';
const ADAPTER = 'dpo-adapter';

/**
 * Pairs and adapters, newest first: those asked for over HTTP, and those that a terminal made and no training names.
 * @param {Training[]} trainings @param {Artifact[]} artifacts @returns {Alignment[]}
 */
export function alignmentsOf(trainings, artifacts) {
  const asked = trainings
    .filter(({ kind }) => kind === 'make-dpo-pairs' || kind === 'train-dpo')
    .map((training) => ({ ...training, isPairs: training.kind === 'make-dpo-pairs' }));
  const named = new Set(asked.map(({ result }) => result?.artifact));
  const others = artifacts
    .filter(({ kind }) => kind === PAIRS || kind === ADAPTER)
    .map((one) => ({ ...one, name: `${one.kind}-${one.version}` }))
    .filter(({ name }) => !named.has(name))
    .map(({ name, kind, metrics, createdAt }) => ({
      ...{ id: name, createdAt, finishedAt: createdAt, state: /** @type {const} */ ('done'), error: null },
      ...{ result: { artifact: name, ...metrics }, isPairs: kind === PAIRS },
    }));
  const made = (/** @type {Alignment} */ { createdAt }) => createdAt ?? '';
  return [...asked, ...others].sort((a, b) => made(b).localeCompare(made(a)));
}
