import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { silentLog } from '../../src/log.ts';
import { carryChanges } from '../../src/vectors/index.ts';
import { testCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { embeddedPlace } from '../support/vector-places.ts';

/** Whatever happens to the embedded index on disk, Postgres has what it was made of. */
const db = await testDatabase(t);
const catalog = await testCatalog(db);
const items = Array.from({ length: 40 }, (_, n) => ({
  ...{ kind: 'image' as const, id: `item-${n}`, title: `item ${n}`, browsingLevel: 1 },
  vector: [Math.cos(n / 9), Math.sin(n / 9), 0, 0],
}));
await catalog.put(items, { mode: 'unknown' });

/** Paths of every file of the index but the lock, newest state first. */
const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !path.endsWith('owner.lock'));
const flipByte = (path: string) => {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 0xff;
  writeFileSync(path, bytes);
};

const DAMAGE: Record<string, (folder: string) => void> = {
  'the whole folder is gone': (folder) => rmSync(folder, { recursive: true }),
  'the aliases are gone': (folder) => rmSync(join(folder, 'aliases.json')),
  'the aliases are garbage': (folder) => writeFileSync(join(folder, 'aliases.json'), '{"image":'),
  'the aliases lead nowhere': (folder) =>
    writeFileSync(join(folder, 'aliases.json'), '{"image":"hamlet-image-x","model":"../precious"}'),
  'a manifest is half': (folder) =>
    truncateSync(filesOf(folder).find((path) => path.endsWith('manifest.json'))!, 20),
  ...Object.fromEntries(
    ['points.bin', 'clip.f32', 'clip.usearch'].flatMap((name) => {
      const file = (folder: string) => filesOf(folder).find((path) => path.endsWith(name))!;
      return [
        [`${name} is gone`, (folder: string) => rmSync(file(folder))],
        [`${name} is cut short`, (folder: string) => truncateSync(file(folder), 30)],
        [`a bit of ${name} has turned`, (folder: string) => flipByte(file(folder))],
      ];
    }),
  ),
};

for (const [what, harm] of Object.entries(DAMAGE))
  t.test(`rebuilt from Postgres when ${what}`, async (t) => {
    const { at, open } = embeddedPlace(t);
    const { home } = at as { home: string };
    mkdirSync(join(home, 'precious'));
    const spec = { spaces: { clip: 4 }, log: silentLog, pollMs: 0 };
    const store = await open();
    const carrier = await carryChanges(db, store, spec);
    await carrier.drain();
    await carrier.stop();
    await store.close();
    harm(join(home, 'vectors'));

    const again = await open();
    const next = await carryChanges(db, again, spec);
    await next.drain();
    const query = { space: 'clip', vector: Float32Array.of(1, 0, 0, 0), limit: 3, filter: { maxLevel: 1 } };
    const [hits] = await again.search('image', [query]);
    t.same(
      hits!.map(({ id }) => catalog.columns.idOf(id)),
      ['item-0', 'item-1', 'item-2'],
    );
    t.equal(await again.count('image'), items.length);
    await next.stop();
    t.ok(existsSync(join(home, 'precious')), 'nothing beside the index was touched');
  });
