import t from 'tap';
import { inTransaction } from '../../../src/db/index.ts';
import { secondPool, testDatabase } from '../../support/database.ts';

const balance = "select value from clocks where name = 'catalogue'";

t.test('two transactions that deadlock both end up done', async (t) => {
  const db = await testDatabase(t);
  await db.pool.query("insert into users (id) values ('a'), ('b')");
  let tries = 0;
  const both = (first: string, second: string) =>
    inTransaction(db, async (client) => {
      tries++;
      const mark = 'update users set seq = seq + 1 where id = $1';
      await client.query(mark, [first]);
      if (tries <= 2) await client.query('select pg_sleep(0.3)'); // both hold their first row
      await client.query(mark, [second]);
    });
  await Promise.all([both('a', 'b'), both('b', 'a')]);
  t.equal(tries, 3, 'one of the two ran twice');
  t.same((await db.pool.query('select seq from users')).rows, [{ seq: 2 }, { seq: 2 }]);
});

t.test('work that throws leaves nothing behind, and its connection is fit for others', async (t) => {
  const db = await testDatabase(t);
  const spoilt = inTransaction(db, async (client) => {
    await client.query('update clocks set value = 99');
    throw new Error('changed my mind');
  });
  await t.rejects(spoilt, { message: 'changed my mind' });
  t.same((await db.pool.query(balance)).rows, [{ value: 0 }]);
  t.equal(db.pool.totalCount, db.pool.idleCount);
});

t.test(
  'a connection that is cut between two statements is a 503 to its caller and nobody else',
  async (t) => {
    const db = await testDatabase(t);
    const other = secondPool(db);
    t.teardown(() => other.end());
    const cut = inTransaction(db, async (client) => {
      const { rows } = await client.query('select pg_backend_pid() as pid');
      await other.query('select pg_terminate_backend($1)', [rows[0].pid]);
      await new Promise((done) => setTimeout(done, 100)); // the socket closes while no statement runs
      await client.query('update clocks set value = 99');
    });
    await t.rejects(cut, { code: 'database-unavailable', status: 503, retryAfter: 1 });
    t.same((await db.pool.query(balance)).rows, [{ value: 0 }]);
  },
);

t.test('a bigint that no number can hold is an error, not a wrong number', async (t) => {
  const db = await testDatabase(t);
  t.same((await db.pool.query('select 9007199254740991::bigint as n')).rows, [{ n: 9007199254740991 }]);
  await t.rejects(db.pool.query('select 9007199254740993::bigint as n'), RangeError);
});
