import sharp from 'sharp';
import t from 'tap';
import { referencePicture, worldPictures } from '../../seed/reference-pictures.ts';
import { startApi } from '../support/api-process.ts';
import { hamlet } from '../support/cli.ts';
import { newFolder, write } from '../support/imports.ts';
import { newHome } from '../support/own-server.ts';
import { patientFetch } from '../support/patient.ts';

t.setTimeout(600_000);

t.test('an unrated folder and a table are imported and served safely by two commands', async (t) => {
  const home = newHome(t);
  const folder = newFolder(t);
  for (const [n, id] of worldPictures(4).entries()) write(folder, `${n}.png`, await referencePicture(id));
  const cut = await sharp(await referencePicture(worldPictures(1)[0]!))
    .jpeg()
    .toBuffer();
  write(folder, 'cut.jpg', cut.subarray(0, cut.length >> 1));
  const names = ['0.png', '1.png', '2.png', '3.png', 'cut.jpg'];
  const table = write(
    folder,
    'items.csv',
    ['file,title', ...names.map((name) => `${name},Of ${name}`)].join('\n'),
  );

  const imported = hamlet(home, ['import', 'csv', table, '--pictures', folder, '--safety', 'classify']);
  t.match(JSON.parse(imported.out), { items: 5, rejected: 0 }, imported.said);
  const classified = hamlet(home, ['classify']);
  t.match(JSON.parse(classified.out), {
    classified: 4,
    failed: 1,
    held: 1,
    failures: { 'image-corrupt': 1 },
  });
  t.match(classified.said, /classify: \d+ % /, 'progress as plain lines where there is no terminal');

  const settings = { CLASSIFY_SHARE: '0', EMBED_SHARE: '0' };
  const [api, other] = [await startApi(home, settings), await startApi(home, settings)];
  t.teardown(() => Promise.all([api.stop(), other.stop()]));
  const list = async (url: string) => {
    const answer = await patientFetch(`${url}/users/somebody/recommendations?maxLevel=16`);
    return ((await answer.json()) as { items: { id: string; url: string }[] }).items;
  };
  const shown = await list(api.url);
  t.same(shown.map(({ id }) => id).sort(), names.slice(0, 4));
  const [first] = shown as [{ id: string; url: string }];
  const picture = await patientFetch(api.url + first.url);
  t.equal(picture.headers.get('content-type'), 'image/png');
  t.match(await sharp(Buffer.from(await picture.arrayBuffer())).metadata(), { format: 'png', width: 320 });

  const { items } = (await (await patientFetch(`${api.url}/admin/moderation`)).json()) as {
    items: { id: string; url: string; review: number; fault: object }[];
  };
  t.match(items, [{ id: 'cut.jpg', state: 'held', fault: { code: 'image-corrupt' } }]);
  t.equal((await patientFetch(api.url + items[0]!.url)).status, 404, 'what is held is shown to nobody');

  const path = `/admin/moderation/image/${first.id}`;
  const decided = await patientFetch(other.url + path, {
    ...{ method: 'PUT', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ level: 32, review: 0, note: 'No.', moderator: 'ada' }),
  });
  t.equal(decided.status, 200);
  t.equal((await patientFetch(api.url + first.url)).status, 404, 'nor what another replica has just blocked');
  t.equal((await patientFetch(`${api.url}${path}/picture`)).headers.get('content-type'), 'image/jpeg');
  t.notOk((await list(api.url)).some(({ id }) => id === first.id));
});
