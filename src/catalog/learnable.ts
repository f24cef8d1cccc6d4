import { ITEM_FLAG, ITEM_STATUS, LEVEL } from './types.ts';

/** Over `items i`: whether its picture is fit to learn from. What is held back or not yet judged is not. */
export const IS_SAFE = `i.status = ${ITEM_STATUS.live} and i.effective_level not in (0, ${LEVEL.BLOCKED})
  and i.flags & ${ITEM_FLAG.available} <> 0
  and i.flags & ${ITEM_FLAG.minor | ITEM_FLAG.poi | ITEM_FLAG.unsafeText} = 0`;

/** Over `items i`: whether its maker may be learned from. */
export const IS_CONSENTED = `not exists (select 1 from users u where u.ref = i.creator_ref
  and coalesce((u.preferences ->> 'excludeFromTraining')::boolean, false))`;
