import { type Database, translateDatabaseError } from '../db/index.ts';
import type { WasShown } from './assignment.ts';

/** `variant <> 'default'` is what lets the planner use the index of exposures. */
const QUERY = `select 1 from recommendations where variant = $1 and user_id = $2 and variant <> 'default' limit 1`;

/**
 * Asks the impression log, which every replica shares and in which a list stands before it is answered.
 * @throws HamletError `database-unavailable` (503)
 */
export const openWasShown =
  (db: Database): WasShown =>
  async (label, userId) => {
    const { rowCount } = await db.pool
      .query({ name: 'was-shown', text: QUERY, values: [label, userId] })
      .catch((error: unknown) => Promise.reject(translateDatabaseError(error)));
    return rowCount === 1;
  };
