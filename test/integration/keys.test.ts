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
