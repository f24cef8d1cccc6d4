import { createHash } from 'node:crypto';
import { PALETTES, STYLES, SUBJECTS } from '../../seed/grammar.ts';
import { openImageLoader } from '../../src/images/index.ts';
import type { ClipEncoder } from '../../src/models/index.ts';

/** What is seen in one picture: chances of each word of the world's grammar, by name. */
export type Sight = Record<'style' | 'subject' | 'palette', Map<string, number>> & { tokens: number };

/** What makes CLIP's chances honest on the world's pictures: the best of .015 … .1 by likelihood. */
const TEMPERATURE = 0.028;
/** Pixtral's: a token for every 16 × 16 pixels and one a row. */
const PATCH = 16;

/** Eyes that see pixels alone, by zero-shot classification with a CLIP model; what was seen is remembered. */
export async function openSight(encoder: ClipEncoder) {
  const words = {
    style: await prototypes(encoder, STYLES),
    subject: await prototypes(encoder, SUBJECTS),
    palette: await prototypes(encoder, PALETTES),
  };
  const loader = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });
  const seen = new Map<string, Promise<Sight>>();

  async function look(picture: string): Promise<Sight> {
    let size = { width: 0, height: 0 };
    const { cut, ...shape } = encoder.shape;
    const raster = await loader.load(picture, {
      ...shape,
      cut: (image, full) => {
        size = full;
        return cut(image, full);
      },
    });
    const [vector] = await encoder.encodePixels([raster.data]);
    const rows = Math.ceil(size.height / PATCH);
    return { ...read(vector!), tokens: rows * (Math.ceil(size.width / PATCH) + 1) };
  }

  const read = (vector: Float32Array) => ({
    style: chances(words.style, vector),
    subject: chances(words.subject, vector),
    palette: chances(words.palette, vector),
  });

  return {
    /** @param picture a data URI */
    see(picture: string): Promise<Sight> {
      const key = createHash('sha256').update(picture).digest('base64');
      let sight = seen.get(key);
      if (sight === undefined) {
        sight = look(picture);
        seen.set(key, sight);
        sight.catch(() => seen.delete(key));
      }
      return sight;
    },
    /** What a picture's vector says, where somebody has looked already. */
    read,
    close: () => loader.close(),
  };
}
export type Eyes = Awaited<ReturnType<typeof openSight>>;

type Grammar = Record<string, { says: string | readonly string[] }>;

async function prototypes(encoder: ClipEncoder, grammar: Grammar): Promise<Map<string, Float32Array>> {
  const named = Object.entries(grammar).map(async ([name, { says }]) => {
    const vectors = await Promise.all([says].flat().map((text) => encoder.encodeText(text)));
    const sum = vectors[0]!.map((_, d) => vectors.reduce((total, vector) => total + vector[d]!, 0));
    const length = Math.hypot(...sum);
    return [name, sum.map((value) => value / length)] as const;
  });
  return new Map(await Promise.all(named));
}

function chances(words: Map<string, Float32Array>, vector: Float32Array): Map<string, number> {
  const weights = [...words].map(([name, word]): [string, number] => [
    name,
    Math.exp((word.reduce((sum, value, d) => sum + value * vector[d]!, 0) - 1) / TEMPERATURE),
  ]);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return new Map(weights.map(([name, weight]) => [name, weight / total]));
}
