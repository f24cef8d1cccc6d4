import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { judgeUsers } from '../../scripts/w2w-judge.ts';
import type { Style } from '../../seed/grammar.ts';
import { loadConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { draw } from '../judge/ask.ts';

t.setTimeout(120_000);

/** As the sidecar's report leaves them: a column of pictures under a head. */
async function strip(path: string, style: Style) {
  const pictures = await Promise.all([1, 2, 3].map((seed) => draw({ style, ...SCENE }, seed)));
  const placed = await Promise.all(
    pictures.map(async (url, row) => ({
      input: await sharp(Buffer.from(url.split(',')[1]!, 'base64'))
        .resize(128, 128)
        .toBuffer(),
      left: 4,
      top: 18 + row * 132,
    })),
  );
  const sheet = { width: 136, height: 18 + 3 * 132 + 4, channels: 3 as const, background: '#fff' };
  await sharp({ create: sheet }).composite(placed).png().toFile(path);
}
const SCENE = { palette: 'tide', subject: 'wave' } as const;

t.test(
  'the judge takes the pictures that suit a person’s taste, in whichever order they stand',
  async (t) => {
    const folder = t.testdir({});
    await strip(join(folder, 'base.png'), 'synthwave');
    await strip(join(folder, 'served.png'), 'mosaic');
    await strip(join(folder, 'misled.png'), 'mosaic');
    const people = [
      { id: 'served', text: 'Often mosaic; seldom neon' },
      { id: 'misled', text: 'Often neon; seldom mosaic' },
    ];
    const config = loadConfig({}, { VLM_BASE_URL: '' });
    const found = await judgeUsers(people, folder, { config, log: silentLog });
    t.same(found, { model: 'judge', share: 0.5, of: 6, people: { served: 1, misled: 0 } });
  },
);
