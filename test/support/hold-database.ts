import { openDatabase } from '../../src/db/index.ts';
import { silentLog } from '../../src/log.ts';

/** A process that opens a home's own database, says so, and inserts rows one by one, saying each that was acknowledged. */
const [home, name] = process.argv.slice(2) as [string, string];
const db = await openDatabase({ DATABASE_URL: '', DATABASE_POOL: 4, HAMLET_HOME: home }, silentLog);
process.stdout.write('open\n');
for (let n = 0; ; n++) {
  const id = `${name}-${n}`;
  try {
    await db.pool.query('insert into users (id) values ($1)', [id]);
    process.stdout.write(`${id}\n`);
  } catch {
    await new Promise((done) => setTimeout(done, 50)); // away: this id was not acknowledged, go on with the next
  }
}
