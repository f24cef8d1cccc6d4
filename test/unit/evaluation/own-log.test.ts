import t from 'tap';
import { fileCatalogue } from '../../../src/evaluation/file-catalogue.ts';
import { logSplit } from '../../../src/evaluation/index.ts';
import { packLog } from '../../../src/evaluation/pack.ts';
import type { Deeds } from '../../../src/events/index.ts';
import type { EventType } from '../../../src/events/types.ts';

const CUT = 1000;
const IDS = ['a', 'b', 'c', 'd', 'e'];

/** `like a 5` a deed. */
function person(user: number, ...told: string[]): Deeds {
  const deeds = told.map((deed) => {
    const [type, item, at] = deed.split(' ') as [EventType, string, string];
    return { type, item: IDS.indexOf(item) + 1, at: Number(at) };
  });
  return { user, id: `u${user}`, deeds };
}

/** `training` by hand, as the log's own query would tell it. */
async function split(
  people: Deeds[],
  training: string[][],
  changed: (columns: typeof catalogue) => void = () => {},
) {
  const catalogue = fileCatalogue(IDS);
  changed(catalogue);
  const events = {
    deeds: async () => people,
    interactionLog: async () =>
      packLog(
        training.map((row) => ({ columns: row.map((id) => IDS.indexOf(id)) })),
        IDS.length,
      ),
  };
  const found = await logSplit({ catalog: { columns: catalogue }, events }, 'image', { at: CUT });
  const names = (columns: Int32Array = Int32Array.of()) =>
    [...columns]
      .map((column) => found.ids[column])
      .sort()
      .join('');
  return {
    found,
    asked: found.questions.map(({ user, history, targets, seen }) => [
      user,
      `${names(history)} → ${names(targets)}, without ${names(seen)}`,
    ]),
  };
}
const catalogue = fileCatalogue(IDS);

t.test('what was approved of after the moment and not met before it is asked about', async (t) => {
  const { asked, found } = await split(
    [person(1, 'like a 1', 'view b 2', 'view c 1001', 'like c 1002', 'like b 1003', 'view d 1004')],
    [['a', 'b']],
  );
  t.same(asked, [[0, 'ab → c, without ab']]);
  t.same([...found.questions[0]!.strengths!], [1, Math.fround(0.3)]);
  t.equal(found.questions[0]!.state!.seq, 2, 'the state of then');
});

t.test('who was nobody before is known by all up to the first approval', async (t) => {
  const { asked } = await split(
    [person(1, 'like a 1'), person(2, 'view e 1001', 'like a 1002', 'like b 1003')],
    [['a']],
  );
  t.same(asked, [[1, 'ae → b, without ae']]);
});

t.test('one’s own work and what not everybody may see is neither asked about nor in the way', async (t) => {
  const { asked } = await split(
    [person(1, 'like a 1', 'like b 1001', 'like c 1002', 'like d 1003')],
    [['a']],
    (columns) => {
      columns.creator[2] = 1;
      (columns.level as Uint8Array)[3] = 8;
    },
  );
  t.same(asked, [[0, 'a → d, without abc']]);
});

t.test('a hide takes an item out of the history', async (t) => {
  const { asked } = await split([person(1, 'like a 1', 'like b 2', 'hide b 3', 'like c 1001')], [['a']]);
  t.same(asked, [[0, 'a → c, without ab']]);
});

t.test('a log with nothing before or after the moment is refused', async (t) => {
  await t.rejects(split([person(1, 'like a 1', 'like b 2')], [['a', 'b']]), {
    ...{ code: 'log-empty', status: 422, message: /after/ },
  });
  await t.rejects(split([person(1, 'like a 1001', 'like b 1002')], []), { message: /before/ });
});
