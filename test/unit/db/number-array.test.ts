import pg from 'pg';
import t from 'tap';
import { numberArrayParser } from '../../../src/db/number-array.ts';

const OIDS = { smallint: 1005, int: 1007, real: 1021, float8: 1022, text: 1009 };

t.test('arrays of numbers are read as the driver reads them, whatever they hold', async (t) => {
  const written = ['{}', '{1}', '{-3,0,32767}', '{NULL,2}', '{{1,2},{3,4}}', '[0:1]={5,6}'];
  const fractions = ['{1e-37,-2.5,978300760000}', '{NaN,Infinity}'];
  for (const oid of [OIDS.smallint, OIDS.int, OIDS.real, OIDS.float8]) {
    const read = numberArrayParser(oid)!;
    const driver = pg.types.getTypeParser(oid) as (text: string) => unknown[];
    for (const text of oid >= OIDS.real ? [...written, ...fractions] : written)
      t.same(read(text), driver(text), `${oid} ${text}`);
  }
});

t.test('other types are left to the driver', async (t) => {
  t.equal(numberArrayParser(OIDS.text), undefined);
});
