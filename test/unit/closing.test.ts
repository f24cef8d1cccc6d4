import t from 'tap';
import { Closing } from '../../src/closing.ts';

/** Three parts, of which the second cannot be closed; `closed` says who was. */
function planted() {
  const closing = new Closing();
  const closed: string[] = [];
  for (const name of ['database', 'index', 'server'])
    closing.last(name, () => {
      closed.push(name);
      if (name === 'index') throw new Error('the index does not close');
    });
  return { closing, closed };
}

t.test('what cannot be closed keeps nothing else open, and is told', async (t) => {
  const { closing, closed } = planted();
  await t.rejects(closing.run(), { message: 'the index does not close' });
  t.same(closed, ['server', 'index', 'database'], 'newest first');
  await closing.run();
  t.equal(closed.length, 3, 'each once');
});

t.test('an opening that fails says why it failed, not what could not be closed afterwards', async (t) => {
  const { closing, closed } = planted();
  const opening = closing.orUndo(async () => {
    throw new Error('the port is taken');
  });
  await t.rejects(opening, { message: 'the port is taken' });
  t.equal(closed.length, 3);
});
