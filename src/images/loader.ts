import { badInput, HamletError } from '../errors.ts';
import { decode, decodeFrames, drawOwnSvg, LIMITS, type Raster, type Shape } from './decode.ts';
import { createDownloader, type DownloadOptions } from './download.ts';

/**
 * The one way from a picture, wherever it is, to pixels. Every failure is a HamletError with a code of its
 * own and is counted; nothing is ever fetched from an address that is not public.
 */
export type ImageLoader = {
  /**
   * @param source bytes, an http(s) or data URL, or the path of a picture of the demo world
   * @param shape what to make of it before it becomes a raster
   */
  load(source: string | Buffer, shape: Shape, signal?: AbortSignal): Promise<Raster>;
  /**
   * The same of an animation's first, last and some pictures between, in several shapes.
   * @returns for each shape at most `most` pictures
   */
  loadFrames(
    source: string | Buffer,
    shapes: readonly Shape[],
    most: number,
    signal?: AbortSignal,
  ): Promise<Raster[][]>;
  /** Pictures so far by outcome: `loaded`, or the code of what went wrong. */
  outcomes(): ReadonlyMap<string, number>;
  close(): void;
};

const OWN_PATH = /^\/pictures\/([^/?#]+)\.webp$/u;
const SHOWCASE_PATH = /^\/showcases\/([^/?#]+)\.webp$/u;
/** As `hamlet import csv` names pictures of a folder: kind and id of the item, then the picture. */
const IMPORTED_PATH = /^\/imported\/(?:image|model)\/[^/?#]+\/([^/?#]+)$/u;
const DATA_URL = /^data:image\/[a-z0-9.+-]+;base64,/iu;

export function openImageLoader({
  renderPicture,
  readShowcase = async () => null,
  readImported = async () => null,
  ...options
}: DownloadOptions & {
  /** SVG of a picture of the demo world, or null for a name it does not know. */
  renderPicture: (name: string) => string | null | Promise<string | null>;
  /** Bytes of a picture that a model of the demo world made, or null. */
  readShowcase?: (name: string) => Promise<Buffer | null>;
  /** Bytes of a picture that was imported from a folder, or null. */
  readImported?: (name: string) => Promise<Buffer | null>;
}): ImageLoader {
  const downloader = createDownloader(options);
  const outcomes = new Map<string, number>();
  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

  /** Bytes of a picture from outside, or a drawing of our own. */
  async function read(source: string | Buffer, signal?: AbortSignal): Promise<Buffer | { svg: string }> {
    if (typeof source !== 'string') return source;
    const [, shown] = SHOWCASE_PATH.exec(source) ?? [];
    const [, imported] = IMPORTED_PATH.exec(source) ?? [];
    const bytes = shown ? await readShowcase(shown) : imported ? await readImported(imported) : null;
    if (bytes !== null) return bytes;
    if (source.startsWith('/')) return { svg: await ownSvg(source) };
    if (/^data:/iu.test(source)) return bytesOf(source);
    return downloader.get(source, signal);
  }

  async function counted<T>(load: () => Promise<T>): Promise<T> {
    try {
      const loaded = await load();
      count('loaded');
      return loaded;
    } catch (error) {
      count(error instanceof HamletError ? error.code : 'unexpected');
      throw error;
    }
  }

  async function ownSvg(path: string): Promise<string> {
    const name = OWN_PATH.exec(path)?.[1];
    const svg = name === undefined ? null : await renderPicture(name);
    if (svg === null) throw badInput('picture-unknown', 'The path is of no picture that is here.');
    return svg;
  }

  return {
    load: (source, shape, signal) =>
      counted(async () => {
        const found = await read(source, signal);
        return 'svg' in found ? drawOwnSvg(found.svg, shape) : decode(found, shape);
      }),
    loadFrames: (source, shapes, most, signal) =>
      counted(async () => {
        const found = await read(source, signal);
        const frames: Raster[][] = [];
        for (const shape of shapes)
          frames.push(
            'svg' in found ? [await drawOwnSvg(found.svg, shape)] : await decodeFrames(found, shape, most),
          );
        return frames;
      }),
    outcomes: () => outcomes,
    close: downloader.close,
  };
}

function bytesOf(dataUrl: string): Buffer {
  const head = DATA_URL.exec(dataUrl)?.[0];
  if (head === undefined) throw badInput('url-invalid', 'A data URL holds an image in base64.');
  if ((dataUrl.length - head.length) * 0.75 > LIMITS.bytes)
    throw badInput('image-too-large', `The picture has more than ${LIMITS.bytes} bytes.`);
  return Buffer.from(dataUrl.slice(head.length), 'base64');
}
