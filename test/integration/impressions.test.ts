import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import t from 'tap';
import { readManifest } from '../../src/models/index.ts';
import { writeImpressions } from '../../src/ranking/index.ts';
import { BLEND, FEATURES } from '../../src/recommend/index.ts';
import { event } from '../support/events.ts';
import { servingWorld } from '../support/serving-world.ts';

type Row = { user: number; names: string[]; features: string; scores: number[]; outcomes: (number | null)[] };

const { db, config, events, ask, recommender } = await servingWorld(t);
const home = config.HAMLET_HOME;
const PERSON = 'person-1';

async function learnedFrom(): Promise<{ folder: string; rows: Row[] }> {
  const { folder } = await writeImpressions({ db, home }, 'image');
  const file = await asyncBufferFromFile(join(home, 'artifacts', folder, 'lists.parquet'));
  return { folder, rows: (await parquetReadObjects({ file })) as Row[] };
}

t.test(
  'what was shown, by which features, and what was done with it is what a ranker learns from',
  async (t) => {
    const page = await ask(PERSON, { limit: 5, trace: 'whole' });
    const [first, second, third] = page.items.map(({ id }) => id);
    const { recommendationId } = page;
    await events.ingest([
      event(PERSON, first!, { type: 'view', recommendationId }),
      event(PERSON, second!, { type: 'click', recommendationId }),
      event(PERSON, second!, { type: 'like', recommendationId }),
      event(PERSON, third!, { type: 'like', recommendationId }),
      event(PERSON, third!, { type: 'hide', recommendationId }),
      event('person-2', first!, { type: 'like', recommendationId }),
    ]);
    const { folder, rows } = await learnedFrom();
    t.equal(rows.length, 1);
    const [{ names, features, scores, outcomes }] = rows as [Row];
    t.same(names, FEATURES);
    t.same(
      outcomes.slice(0, 5),
      [0, 1, 0, 0, 0],
      'a view is not yet a deed, a hide takes a like back, others do not count',
    );
    t.ok(
      outcomes.slice(5).every((outcome) => outcome === null),
      'what was on no page was not passed over',
    );
    t.equal(features.length, 2 * outcomes.length * FEATURES.length);
    t.equal(scores.length >= outcomes.length, true);
    const traced = page.trace!.items[0]!.features.similar ?? 0;
    const byte = Number.parseInt(features.slice(2 * FEATURES.indexOf('similar')).slice(0, 2), 16);
    t.ok(Math.abs((byte / 255) ** 2 - traced) < 0.01, 'as it was when the list was made');
    const { contract, parameters } = await readManifest(join(home, 'artifacts', folder));
    t.equal(contract, 'hamlet-impressions/1');
    t.same(JSON.parse(String(parameters.blend)), BLEND.weights, 'that is where a ranker begins');
    t.equal((await learnedFrom()).folder, folder, 'the same log is the same folder');
  },
);

t.test('a later page counts from when it was served', async (t) => {
  const { nextCursor } = await ask('person-3', { limit: 5 });
  const before = (await learnedFrom()).rows.at(-1)!;
  await recommender.nextPage({ cursor: nextCursor!, limit: 3, maxLevel: 1 });
  const after = (await learnedFrom()).rows.at(-1)!;
  const shown = ({ outcomes }: Row) => outcomes.filter((outcome) => outcome !== null).length;
  t.same([shown(before), shown(after)], [5, 8]);
});

t.test('who asked not to be trained on is not in it', async (t) => {
  const before = (await learnedFrom()).rows.length;
  await events.putUser('person-3', { preferences: { excludeFromTraining: true } });
  t.equal((await learnedFrom()).rows.length, before - 1);
});
