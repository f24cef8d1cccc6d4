import t from 'tap';
import { serveShippedModels, worldSize } from '../../seed/index.ts';
import { activeArtifact, rollback } from '../../src/models/index.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase(t);
const home = t.testdir();
const WORLD = worldSize('full', 1);

t.test('the models that ship are checked and put in force with the world that they know', async (t) => {
  t.same(await serveShippedModels({ db, home }, worldSize('small')), [], 'and with no other');
  t.same(await serveShippedModels({ db, home }, worldSize('full', 2)), []);
  t.same((await serveShippedModels({ db, home }, WORLD)).sort(), [
    ...['sasrec-image', 'sasrec-model', 'two-tower-image', 'two-tower-model'],
  ]);
  t.match(await activeArtifact(db, 'sasrec-image'), { state: 'active', manifest: { contract: 'sasrec/1' } });
});

t.test('a second time changes nothing, and what was rolled back stays out', async (t) => {
  t.same(await serveShippedModels({ db, home }, WORLD), []);
  t.equal(await rollback(db, 'sasrec-model'), null);
  t.same(await serveShippedModels({ db, home }, WORLD), []);
  t.equal(await activeArtifact(db, 'sasrec-model'), null);
});
