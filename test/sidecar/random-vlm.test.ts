import sharp from 'sharp';
import t from 'tap';
import { loadConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { rankQuestion } from '../../src/rerank/index.ts';
import { openVlm } from '../../src/vlm/index.ts';
import { randomVlm } from '../support/random-vlm.ts';
import { tasteWorld } from '../support/taste-world.ts';

t.setTimeout(600_000);
const server = await randomVlm(t);
const settings = { VLM_BASE_URL: server.url, VLM_MODEL: server.model, VLM_TIMEOUT_MS: 120_000 };

/** A question about so many pictures, which may answer with little. */
const about = (pictures: Buffer[]) => ({
  ...rankQuestion(
    [{ id: 'p1', text: 'Mosaics in teal.', likes: ['mosaic'], avoids: [] }],
    pictures.map((picture, n) => ({
      ...{ id: String(n), kind: 'image' as const, pictures: [picture] },
      text: { title: 'A clock', prompt: 'a clock, oil', tags: ['oil'] },
    })),
  ),
  longest: 16,
});

t.test('a server that others wrote takes the pictures; what it says is asked for twice', async (t) => {
  const vlm = openVlm(loadConfig({}, settings), silentLog)!;
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  const tokensFor = async (count: number) => {
    const before = vlm.counts().tokens;
    await t.rejects(vlm.ask(about(Array.from({ length: count }, () => picture))), { code: 'vlm-malformed' });
    return vlm.counts().tokens - before;
  };
  const [one, three] = [await tokensFor(1), await tokensFor(3)];
  t.match(vlm.counts(), { outcomes: new Map([['answered', 4]]), repairs: 2 });
  t.ok(three > one + 2 * 2 * 16, `16 tokens a picture in both questions, and the words: ${one}, ${three}`);
});

t.test('bytes that are no picture are an error of the server, tried again and told', async (t) => {
  const vlm = openVlm(loadConfig({}, settings), silentLog)!;
  await t.rejects(vlm.ask(about([Buffer.from('no picture')])), { code: 'vlm-unavailable' });
  t.same([...vlm.counts().outcomes], [['vlm-unavailable', 3]]);
});

t.test('its nonsense costs a list its order by the model, and nothing else', async (t) => {
  const world = await tasteWorld(t, { ...settings, RERANK_DEPTH: 3, RERANK_DEADLINE_MS: 300_000 });
  await world.known('ada');
  t.equal((await world.tastes.told('ada', 1)).source, 'attributes', 'a taste keeps the words it had');
  const base = await world.ask('ada', { rerank: 'off' });
  const page = await world.ask('ada', { rerank: 'wait' });
  t.same(page.degraded, [{ stage: 'rerank', code: 'vlm-malformed' }]);
  t.same(
    page.items.slice(0, 3).map(({ id }) => id),
    base.items.slice(0, 3).map(({ id }) => id),
  );
  t.ok(page.items.some(({ explanation }) => explanation.source === 'attributes'));
});
