import { join } from 'node:path';
import sharp from 'sharp';
import type { Config } from '../src/config.ts';
import type { Log } from '../src/log.ts';
import { openVlm, type Vlm } from '../src/vlm/index.ts';
import { type Pair, preferredBy } from '../src/w2w/index.ts';

type Person = { id: string; text: string };
export type JudgeFigures = { model: string; share: number; of: number; people: Record<string, number> };

/** Of the sidecar's strips of pictures (w2w/preview.py). */
const [SIDE, GAP, HEAD] = [128, 4, 18];
/** Of the demo world: it sees by CLIP, reads the taste's words, and makes no mistakes of its own. */
const JUDGE = { VLM_MODEL: 'judge', VLM_API_KEY: '', VLM_PICTURE_SIDE: SIDE };

/**
 * Null where neither is there. How often the vision-language model at VLM_BASE_URL, or without one the demo world's judge, takes the picture with a
 * person's edit over the one without, prompt by prompt with the same seed.
 *
 * @param folder with `base.png` and `ID.png` of each person
 */
export async function judgeUsers(
  people: readonly Person[],
  folder: string,
  { config, log }: { config: Config; log: Log },
): Promise<JudgeFigures | null> {
  const own = config.VLM_BASE_URL === '' ? await worldsJudge() : null;
  try {
    const vlm = openVlm(own ? { ...config, ...JUDGE, VLM_BASE_URL: own.url } : config, log);
    return vlm && (await asked(vlm, people, folder));
  } finally {
    await own?.close();
  }
}

/** It is a tool of the tests, which ship with the source and not with the container. */
const worldsJudge = () =>
  import('../test/judge/server.ts').then(
    ({ startJudge }) => startJudge(),
    (error) => {
      if (error.code === 'ERR_MODULE_NOT_FOUND') return null;
      throw error;
    },
  );

async function asked(vlm: Vlm, people: readonly Person[], folder: string): Promise<JudgeFigures> {
  const before = await picturesIn(join(folder, 'base.png'));
  const preferred: Record<string, number> = {};
  for (const { id, text } of people) {
    const after = await picturesIn(join(folder, `${id}.png`));
    const pairs: Pair[] = after.map((picture, n) => ({ without: before[n]!, with: picture }));
    preferred[id] = (await preferredBy(vlm, pairs, text)) / pairs.length;
  }
  const of = people.length * before.length;
  const share = Object.values(preferred).reduce((sum, each) => sum + each, 0) / people.length;
  return { model: vlm.model, share, of, people: preferred };
}

/** A strip is one column of a preview. */
async function picturesIn(path: string): Promise<Buffer[]> {
  const strip = sharp(path);
  const { height } = await strip.metadata();
  const count = Math.floor((height - HEAD) / (SIDE + GAP));
  return Promise.all(
    Array.from({ length: count }, (_, row) =>
      strip
        .clone()
        .extract({ left: GAP, top: HEAD + row * (SIDE + GAP), width: SIDE, height: SIDE })
        .png()
        .toBuffer(),
    ),
  );
}
