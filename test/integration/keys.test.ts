import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { getOrCreateSecret, openKeys } from '../../src/keys/index.ts';
import { testDatabase } from '../support/database.ts';

t.test('a token opens its key until it is revoked, and is stored nowhere', async (t) => {
  const db = await testDatabase(t);
  const keys = await openKeys(db);
  t.equal(await keys.any(), false);
  const { id, token } = await keys.create('gallery', ['serve', 'ingest'], 4);
  t.match(token, /^hk_[\w-]{43}$/);
  t.equal(await keys.any(), true);
  t.match(await keys.verify(token), { id, name: 'gallery', scopes: ['serve', 'ingest'], maxLevel: 4 });
  t.equal(await keys.verify(`${token}x`), null);
  const { rows } = await db.pool.query('select * from api_keys');
  t.notMatch(JSON.stringify(rows), new RegExp(token.slice(3)));
  t.equal(await keys.revoke(id), true);
  t.equal(await keys.verify(token), null);
  t.equal(await keys.revoke(id), false);
  t.equal(await keys.revoke('not-a-uuid'), false);
  t.equal(await keys.any(), true, 'a revoked key does not open the door again');
});

t.test('what was known of a key holds while the database is away, and no longer', async (t) => {
  const db = await testDatabase(t);
  const keys = await openKeys(db, 1);
  const { token } = await keys.create('gallery', ['serve'], 4);
  t.match(await keys.verify(token), { name: 'gallery' });
  t.equal(await keys.verify('made-up'), null);
  await db.close();
  await sleep(10);
  t.match(await keys.verify(token), { name: 'gallery' }, 'as it was, though its time is over');
  t.equal(await keys.verify('made-up'), null);
  t.equal(await keys.any(), true);
  await t.rejects(keys.verify('never-seen'), { code: 'database-unavailable', status: 503 });
});

t.test('that no key exists holds while the database is away, if it ever was known', async (t) => {
  const db = await testDatabase(t);
  const asked = await openKeys(db, 1);
  const never = await openKeys(db, 1);
  t.equal(await asked.any(), false);
  await db.close();
  await sleep(10);
  t.equal(await asked.any(), false);
  await t.rejects(never.any(), { code: 'database-unavailable' });
});

t.test('a key that was revoked elsewhere opens nothing once its time is over', async (t) => {
  const db = await testDatabase(t);
  const [here, there] = [await openKeys(db, 1), await openKeys(db, 1)];
  const { id, token } = await here.create('gallery', ['serve'], 4);
  t.ok(await here.verify(token));
  await there.revoke(id);
  await sleep(10);
  t.equal(await here.verify(token), null);
});

t.test('a key with an unknown scope, no name or an odd level is refused', async (t) => {
  const keys = await openKeys(await testDatabase(t));
  await t.rejects(keys.create('x', ['root' as never], 1), { code: 'scope-invalid' });
  await t.rejects(keys.create(' ', ['serve'], 1), { code: 'name-invalid' });
  await t.rejects(keys.create('x', ['serve'], 3), { code: 'level-invalid' });
});

t.test('two replicas that ask for one secret at once get the same', async (t) => {
  const db = await testDatabase(t);
  const [a, b] = await Promise.all([getOrCreateSecret(db, 'cursor'), getOrCreateSecret(db, 'cursor')]);
  t.same(a, b);
  t.equal(a.length, 32);
});
