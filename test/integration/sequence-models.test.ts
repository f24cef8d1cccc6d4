import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { emptyState } from '../../src/events/index.ts';
import { silentLog } from '../../src/log.ts';
import { keepInForce } from '../../src/models/in-force.ts';
import { addArtifact, openSequenceModels, promote, rollback } from '../../src/models/index.ts';
import { sequenceSource } from '../../src/recommend/sources/sequence.ts';
import { testDatabase } from '../support/database.ts';
import { plantColumns, plantContext, plantUser } from '../support/recommend-world.ts';
import { writeRingModel } from '../support/sequence-artifact.ts';

const db = await testDatabase(t);
const home = t.testdir();
const columns = plantColumns(Array.from({ length: 10 }, () => ({})));
const ids = Array.from({ length: 10 }, (_, n) => `item-${n + 1}`);
const models = await openSequenceModels({ db, home, columns, log: silentLog, watchMs: 3_600_000 });
t.teardown(() => models.close());

async function putInForce(version: string, step: number) {
  await writeRingModel(home, ids, { version, step });
  await addArtifact(db, home, `sasrec-image-${version}`);
  await promote(db, 'sasrec-image', version);
}

t.test('nothing is in force until a model is promoted, and then it serves', async (t) => {
  t.equal(models.current('image'), undefined);
  await putInForce('v1', 1);
  await models.watch();
  t.equal(models.current('image')!.version, 'v1');
  t.equal(models.current('model'), undefined);
});

t.test('people who have done nothing yet are told nothing by it, though it was asked to warm up', (t) => {
  const { user, seq } = emptyState('newcomer');
  t.equal(models.current('image')!.answered({ user, seq }), undefined);
  t.end();
});

t.test('a model changes under load, and every question is answered by the one or the other', async (t) => {
  const source = sequenceSource({ deadline: 1000, pool: 3 });
  let stop = false;
  let seq = 0;
  const asked: Promise<[number, string]>[] = [];
  const ask = async (): Promise<[number, string]> => {
    const sequence = models.current('image')!;
    const user = plantUser([2], { user: (seq % 7) + 1, seq: ++seq });
    const hits = await source.find(plantContext({ columns, user, sequence }));
    return [hits[0]!.item, sequence.version];
  };
  const load = (async () => {
    while (!stop) {
      asked.push(ask(), ask(), ask());
      await Promise.race([asked.at(-1), new Promise((resolve) => setTimeout(resolve, 2))]);
    }
  })();
  for (const [version, step] of [
    ['v2', 3],
    ['v3', 5],
  ] as const) {
    await putInForce(version, step);
    await models.watch();
  }
  await Promise.all(asked.slice(-3));
  stop = true;
  await load;
  const answers = await Promise.all(asked);
  const right: Record<string, number> = { v1: 3, v2: 5, v3: 7 };
  t.ok(
    answers.every(([item, version]) => right[version] === item),
    `${answers.length} answers`,
  );
  t.equal(answers.at(-1)![1], 'v3');
  await rollback(db, 'sasrec-image');
  await models.watch();
  t.equal(models.current('image')!.version, 'v2');
});

t.test('one that was damaged after it was entered is refused, and the old one goes on', async (t) => {
  await putInForce('v4', 1);
  await writeFile(join(home, 'artifacts/sasrec-image-v4/items.json'), '[]');
  await models.watch();
  t.equal(models.current('image')!.version, 'v2');
  t.equal(models.behind('image'), true);
  await promote(db, 'sasrec-image', 'v3');
  await models.watch();
  t.equal(models.current('image')!.version, 'v3');
  t.equal(models.behind('image'), false);
});

t.test('when the first one is rolled back none is in force, and none serves', async (t) => {
  while ((await rollback(db, 'sasrec-image')) !== null) await models.watch();
  await models.watch();
  t.equal(models.current('image'), undefined);
  t.equal(models.behind('image'), false);
  await putInForce('v5', 1);
  await models.watch();
  t.equal(models.current('image')!.version, 'v5');
});

t.test('one that cannot be brought up to date is told once, and keeps no other out of force', async (t) => {
  const told: string[] = [];
  await putInForce('w1', 1);
  const stuck = await keepInForce({
    ...{ db, name: 'stuck', artifactKind: (kind) => `sasrec-${kind}`, watchMs: 3_600_000 },
    log: { ...silentLog, info() {}, warn: (_: object, message: string) => told.push(message) } as never,
    open: async (_, version) => ({ version, close: async () => {} }),
    refresh: () => Promise.reject(new Error('its pictures cannot be seen')),
  });
  t.teardown(() => stuck.close());
  for (let look = 0; look < 3; look++) await stuck.watch();
  t.same(told, ['stuck not brought up to date']);
  await putInForce('w2', 1);
  await stuck.watch();
  t.equal(stuck.current('image')!.version, 'w2');
});
