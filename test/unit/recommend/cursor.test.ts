import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { readCursor, writeCursor } from '../../../src/recommend/cursor.ts';
import { listTime, newListId } from '../../../src/recommend/list-id.ts';

const SECRET = createSecretKey(Buffer.alloc(32, 7));
const NOW = Date.UTC(2026, 10, 1);
const cursor = { listId: newListId(NOW), offset: 20, expires: NOW + 1000 };

t.test('a cursor comes back as it was written', async (t) => {
  t.same(readCursor(writeCursor(cursor, SECRET), SECRET, NOW), cursor);
  t.match(writeCursor(cursor, SECRET), /^[\w-]+$/);
});

t.test('any change to a cursor makes it invalid', async (t) => {
  const text = writeCursor(cursor, SECRET);
  const other = (c: string) => (c === 'A' ? 'B' : 'A');
  for (let i = 0; i < text.length; i++) {
    const tampered = text.slice(0, i) + other(text[i]!) + text.slice(i + 1);
    t.throws(() => readCursor(tampered, SECRET, NOW), { code: 'cursor-invalid', status: 400 });
  }
  for (const tampered of [`${text}=`, ` ${text}`, `${text}A`, text.slice(1), '', text.replace(/.$/u, '')]) {
    t.throws(() => readCursor(tampered, SECRET, NOW), { code: 'cursor-invalid' });
  }
  t.throws(
    () => readCursor(text, createSecretKey(Buffer.alloc(32, 8)), NOW),
    { code: 'cursor-invalid' },
    'another secret',
  );
});

t.test('an expired cursor says so', async (t) => {
  t.throws(() => readCursor(writeCursor(cursor, SECRET), SECRET, NOW + 1000), {
    ...{ code: 'cursor-expired', status: 410 },
  });
});

t.test('no text at all is read as a cursor', async () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.base64String({ maxLength: 100 }), fc.string({ unit: 'binary' })),
      (text) => {
        try {
          readCursor(text, SECRET, NOW);
          return false;
        } catch (error) {
          return (error as { code?: string }).code === 'cursor-invalid';
        }
      },
    ),
  );
});

t.test('list ids are UUIDs of version 7 that carry their time', async (t) => {
  const ids = Array.from({ length: 100 }, () => newListId(NOW));
  t.equal(new Set(ids).size, 100);
  for (const id of ids) {
    t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    t.equal(listTime(id), NOW);
  }
});
