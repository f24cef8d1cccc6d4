import t from 'tap';
import type { ItemInput } from '../../src/catalog/types.ts';
import { openContentSpace } from '../../src/embedding/index.ts';
import { silentLog } from '../../src/log.ts';
import { testCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';

const POLICY = { mode: 'trusted' } as const;
const item = (n: number, vector?: number[]): ItemInput => ({
  kind: 'image',
  id: `i${n}`,
  title: `Fox ${n}`,
  vector,
});

t.test('the space is words until half of the items have a picture’s vector, and turns back', async (t) => {
  const db = await testDatabase(t);
  const catalog = await testCatalog(db);
  const space = await openContentSpace(db, { setting: 'auto', hasClip: true, log: silentLog });
  t.teardown(space.close);
  const after = async (items: ItemInput[]) => {
    await catalog.put(items, POLICY);
    await space.refresh();
    return space.current();
  };
  t.equal(space.current(), 'text', 'an empty catalogue');
  t.equal(await after([0, 1, 2, 3].map((n) => item(n))), 'text', 'MovieLens has no pictures');
  t.equal(await after([item(0, [1, 0, 0, 0])]), 'text');
  t.equal(await after([item(1, [0, 1, 0, 0])]), 'clip');
  t.equal(await after([4, 5].map((n) => item(n))), 'text');
});

t.test('a setting stands whatever the catalogue holds, and without a model there is no choice', async (t) => {
  const db = await testDatabase(t);
  const catalog = await testCatalog(db);
  await catalog.put([item(0, [1, 0, 0, 0])], POLICY);
  const of = async (setting: 'auto' | 'text' | 'clip', hasClip: boolean) => {
    const space = await openContentSpace(db, { setting, hasClip, log: silentLog });
    space.close();
    return space.current();
  };
  t.equal(await of('auto', true), 'clip');
  t.equal(await of('auto', false), 'text');
  t.equal(await of('text', true), 'text');
  t.equal(await of('clip', false), 'clip', 'vectors that callers declare need no model');
});
