import type { UserState } from '../events/types.ts';
import type { InteractionLog } from '../models/item-graph/types.ts';
import { packLog } from './pack.ts';
import type { Sequences } from './sequences.ts';

/** What one user is asked: columns are those of the split's items. */
export type Asked = {
  /** Index in the users of the data. */
  user: number;
  /** What the user is known by, oldest first, each item once. */
  history: Int32Array;
  /** How much each item of the history says; 1 where this is not here. */
  strengths?: Float32Array;
  /** What is never shown to this user, each once: the history, and what else was met. The history alone where absent. */
  seen?: Int32Array;
  /** What came next, at least one, none of it seen. */
  targets: Int32Array;
  /** When it is asked (milliseconds), and the state that serving would have had then; of the platform's own log. */
  at?: number;
  state?: UserState;
};

/** What a recommender may learn from, and what it is then asked. */
export type Split = {
  /** Item of column c has ref c + 1. */
  training: InteractionLog;
  /** The same as the item graph learns from it: without the items that nobody met. Where it is not the same. */
  log?: InteractionLog;
  questions: Asked[];
  /** Users who cannot be asked: nothing to hide, or nothing to know them by. */
  tooShort: number;
};

/**
 * Leave-one-out: the last item of each user is hidden, all before it is history. On `validation` the last but
 * one is hidden and the last is not looked at: choices are made there, so that the test stays unseen.
 */
export function leaveOneOut(sequences: Sequences, part: 'test' | 'validation' = 'test'): Split {
  const withheld = part === 'test' ? 1 : 2;
  const questions: Asked[] = [];
  for (let user = 0; user < sequences.users.length; user++) {
    const row = sequences.columns.subarray(sequences.offsets[user]!, sequences.offsets[user + 1]!);
    const known = row.length - withheld;
    if (known > 0)
      questions.push({ user, history: row.subarray(0, known), targets: row.subarray(known, known + 1) });
  }
  return {
    training: packLog(
      questions.map(({ history }) => ({ columns: history })),
      sequences.items.length,
    ),
    questions,
    tooShort: sequences.users.length - questions.length,
  };
}
