import t from 'tap';
import { ensurePartitions } from '../../../src/db/partitions.ts';
import { silentLog } from '../../../src/log.ts';
import { testDatabase } from '../../support/database.ts';

const insert = `insert into events (user_ref, seq, item_ref, type, occurred_at, received_at, event_id)
  values (1, $1::bigint, 1, 1, now(), $2, $1::bigint::text)`;
const placed = `select tableoid::regclass::text as place, seq from events order by seq`;

t.test('rows that came before their month had a partition move into it', async (t) => {
  const { pool } = await testDatabase(t);
  const times = [
    '2031-02-28T23:59:59.999Z',
    '2031-03-01T00:00:00Z',
    '2031-05-31T23:59:59Z',
    '2031-06-01T00:00:00Z',
  ];
  for (const [n, time] of times.entries()) await pool.query(insert, [n, time]);
  await Promise.all([1, 2].map(() => ensurePartitions(pool, new Date('2031-03-31T23:00:00Z'), silentLog)));
  t.same((await pool.query(placed)).rows, [
    { place: 'events_default', seq: 0 },
    { place: 'events_2031_03', seq: 1 },
    { place: 'events_2031_05', seq: 2 },
    { place: 'events_default', seq: 3 },
  ]);
});

t.test(
  'while a long transaction holds the table, the month is left for later and rows are not lost',
  async (t) => {
    const { pool } = await testDatabase(t);
    const warned: unknown[] = [];
    const log = { ...silentLog, warn: (about: { partition?: string }) => void warned.push(about.partition) };
    const holder = await pool.connect();
    await holder.query('begin; lock table events in access exclusive mode');
    await ensurePartitions(pool, new Date('2031-03-15'), { ...log });
    t.same(warned, ['events_2031_03', 'events_2031_04', 'events_2031_05']);
    await holder.query('commit');
    holder.release();
    await pool.query(insert, [1, '2031-03-15']);
    await ensurePartitions(pool, new Date('2031-03-15'), silentLog);
    t.same((await pool.query(placed)).rows, [{ place: 'events_2031_03', seq: 1 }]);
  },
);
