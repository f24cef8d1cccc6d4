import { ITEM_FLAG, ITEM_STATUS, LEVEL } from '../catalog/types.ts';

/**
 * Why a LoRA may be in no space, label set or edit; null = it may. Over `items i` and its creator `users u`. An
 * absent licence forbids: rights fail closed, as safety does.
 */
export const REFUSED_BECAUSE = `case
  when i.status <> ${ITEM_STATUS.live} then 'deleted'
  when i.flags & ${ITEM_FLAG.available} = 0 then 'private'
  when i.flags & ${ITEM_FLAG.minor} <> 0 then 'minor'
  when i.flags & ${ITEM_FLAG.poi} <> 0 then 'real-person'
  when i.flags & ${ITEM_FLAG.derivatives} = 0 then 'no-derivatives'
  when i.flags & ${ITEM_FLAG.unsafeText} <> 0 or i.effective_level <> ${LEVEL.PG} then 'unsafe'
  when coalesce((u.preferences ->> 'excludeFromTraining')::boolean, false) then 'opted-out'
end`;

/** The join that REFUSED_BECAUSE reads. */
export const WITH_CREATOR = 'left join users u on u.ref = i.creator_ref';
