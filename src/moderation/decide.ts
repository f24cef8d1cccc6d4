import { judgeAgain, nextVersion } from '../catalog/index.ts';
import { ITEM_STATUS, type ItemKind, type ItemRef, KIND_CODE } from '../catalog/types.ts';
import { type Database, inTransaction } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { SafetyRule } from '../safety/index.ts';
import type { ModeratorDecision } from './types.ts';

/**
 * Writes down what a moderator decides and lets it act: for good, or until what the item shows is changed.
 * @param key the API key it came by
 * @returns the catalogue version written
 * @throws HamletError `item-unknown` (404), `item-deleted`, `moderation-conflict` (409)
 */
export const decideItem = (
  db: Database,
  rule: SafetyRule,
  { kind, id, key, ...decision }: ModeratorDecision & { kind: ItemKind; id: string; key: string },
): Promise<number> =>
  inTransaction(db, async (client) => {
    const version = await nextVersion(client);
    const { rows } = await client.query<{ ref: ItemRef; status: number; review: number }>(
      'select ref, status, review from items where kind = $1 and id = $2 for update',
      [KIND_CODE[kind], id],
    );
    const [item] = rows;
    if (item === undefined || item.status === ITEM_STATUS.placeholder)
      throw new HamletError('item-unknown', 404, 'There is no such item.');
    if (item.status === ITEM_STATUS.deleted)
      throw new HamletError('item-deleted', 409, 'The item was deleted; it is shown to nobody.');
    if (item.review !== decision.review)
      throw new HamletError(
        'moderation-conflict',
        409,
        `The item was changed or decided on since; look again (review ${item.review}).`,
        { pointer: '/review' },
      );
    await client.query(
      `insert into moderation_decisions (item_ref, review, level, note, moderator, api_key, seen)
       select i.ref, i.review, $2, $3, $4, $5, json_build_object('level', i.effective_level, 'reasons',
         i.safety_reasons, 'scores', (select e.scores from item_evidence e where e.item_ref = i.ref and e.in_force))
       from items i where i.ref = $1`,
      [item.ref, decision.level, decision.note, decision.moderator, key],
    );
    await client.query('update item_reports set handled = true where item_ref = $1', [item.ref]);
    await client.query(
      'update items set moderated = $2, reported = false, review = review + 1, review_since = null where ref = $1',
      [item.ref, decision.level],
    );
    await judgeAgain(client, [item.ref], version, rule);
    return version;
  });
