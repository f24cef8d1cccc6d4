import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { type App, openApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { diagnose } from '../../src/diagnose.ts';
import { silentLog } from '../../src/log.ts';
import { COLOURS, writeColourClip } from '../support/colour-clip.ts';
import { newHome, until } from '../support/own-server.ts';
import { patientInject } from '../support/patient.ts';
import { twoHalves } from '../support/pictures.ts';

type Colour = keyof typeof COLOURS;
type Answer = { items: { id: string }[]; degraded: unknown[] };

t.setTimeout(300_000);

/** The whole service over one database; each test opens it with another CLIP model. */
const home = newHome(t);
const model = join(home, 'colours');

async function open(t: Test, settings: object = {}): Promise<App> {
  const config = loadConfig(
    {},
    { HAMLET_HOME: home, DEMO_WORLD: 'none', EMBED_SHARE: 1, CLIP_MODEL: model, ...settings },
  );
  const app = await openApp(config, silentLog);
  t.teardown(app.close);
  return app;
}

async function search({ http }: App, text: string): Promise<Answer> {
  for (;;) {
    const answer = await http.inject({ method: 'POST', url: '/search', payload: { text, limit: 4 } });
    // Shed on a busy machine: come again.
    if (answer.statusCode !== 503) return answer.json() as Answer;
    await sleep(200);
  }
}
const idsOf = ({ items }: Answer) => items.map(({ id }) => id);

async function paint(colour: Colour): Promise<string> {
  const rgb = `rgb(${COLOURS[colour].map((part) => part * 255).join(', ')})`;
  return `data:image/png;base64,${(await twoHalves(rgb, rgb).png().toBuffer()).toString('base64')}`;
}

t.test(
  'pictures are found by what they show, words by what they say, and the space follows the catalogue',
  async (t) => {
    writeColourClip(model);
    const app = await open(t);
    t.equal(app.contentSpace.current(), 'text');
    const colours = Object.keys(COLOURS) as Colour[];
    const painted = await Promise.all(
      colours.map(async (colour, n) => ({
        ...{
          kind: 'image' as const,
          id: `shows-${colour}`,
          title: `Untitled ${n}`,
          url: await paint(colour),
          browsingLevel: 1,
        },
      })),
    );
    const fox = {
      kind: 'image' as const,
      id: 'fox',
      title: 'A fox',
      url: await paint('red'),
      browsingLevel: 1,
    };
    await app.catalog.put(
      [...painted, fox, { kind: 'image', id: 'says-red', title: 'red', browsingLevel: 1 }],
      {
        mode: 'trusted',
      },
    );
    t.ok(await until(async () => (await diagnose(app)).clip.measured === 5, 60_000));
    await app.contentSpace.refresh();
    t.equal(app.contentSpace.current(), 'clip');
    await app.carrier.drain();
    const found = await search(app, 'red');
    t.same(found.degraded, []);
    t.same(
      idsOf(found).slice(0, 3).sort(),
      ['fox', 'says-red', 'shows-red'],
      'the two red pictures and the red word',
    );
    t.ok(['fox', 'shows-blue'].includes(idsOf(await search(app, 'blue fox'))[0]!), 'both spaces count');
    t.equal(idsOf(await search(app, 'blue'))[0], 'shows-blue');
    t.match(await diagnose(app), {
      clip: { usable: true, contentSpace: 'clip', measured: 5, missing: 0, failed: 0 },
    });
    const similar = await app.http.inject('/items/image/shows-red/similar?limit=1');
    t.equal((similar.json() as Answer).items[0]?.id, 'fox', 'the other red picture');
  },
);

t.test('without a model a catalogue of pictures is compared by its words again', async (t) => {
  const app = await open(t, { CLIP_MODEL: join(home, 'nowhere') });
  t.equal(app.contentSpace.current(), 'text');
  t.match((await diagnose(app)).clip, { code: 'clip-model-missing' });
  t.equal(idsOf(await search(app, 'red'))[0], 'says-red');
});

t.test('a folder that cannot be used stops nothing: words go on, and doctor says why', async (t) => {
  writeFileSync(join(model, 'onnx/vision_model.onnx'), 'half a mod');
  const app = await open(t);
  t.equal(idsOf(await search(app, 'fox'))[0], 'fox');
  t.match(await diagnose(app), {
    clip: { configured: true, usable: false, code: 'clip-model-invalid', contentSpace: 'text' },
    versions: { clip: null },
  });
  const { body } = await patientInject(app.http, { url: '/admin/embeddings' });
  t.match(JSON.parse(body), { encoder: null, problem: 'clip-model-invalid', space: 'text' });
});
