import { badInput, HamletError } from '../errors.ts';
import { decode, drawOwnSvg, LIMITS, type Raster, type Shape } from './decode.ts';
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
  /** Pictures so far by outcome: `loaded`, or the code of what went wrong. */
  outcomes(): ReadonlyMap<string, number>;
  close(): void;
};

const OWN_PATH = /^\/pictures\/([^/?#]+)\.webp$/u;
const SHOWCASE_PATH = /^\/showcases\/([^/?#]+)\.webp$/u;
const DATA_URL = /^data:image\/[a-z0-9.+-]+;base64,/iu;

export function openImageLoader({
  renderPicture,
  readShowcase = async () => null,
  ...options
}: DownloadOptions & {
  /** SVG of a picture of the demo world, or null for a name it does not know. */
  renderPicture: (name: string) => string | null | Promise<string | null>;
  /** Bytes of a picture that a model of the demo world made, or null. */
  readShowcase?: (name: string) => Promise<Buffer | null>;
}): ImageLoader {
  const downloader = createDownloader(options);
  const outcomes = new Map<string, number>();
  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

  async function rasterOf(source: string | Buffer, shape: Shape, signal?: AbortSignal): Promise<Raster> {
    if (typeof source !== 'string') return decode(source, shape);
    const shown = SHOWCASE_PATH.exec(source)?.[1];
    const bytes = shown === undefined ? null : await readShowcase(shown);
    if (bytes !== null) return decode(bytes, shape);
    if (source.startsWith('/')) return drawOwnSvg(await ownSvg(source), shape);
    if (/^data:/iu.test(source)) return decode(bytesOf(source), shape);
    return decode(await downloader.get(source, signal), shape);
  }

  async function ownSvg(path: string): Promise<string> {
    const name = OWN_PATH.exec(path)?.[1];
    const svg = name === undefined ? null : await renderPicture(name);
    if (svg === null) throw badInput('picture-unknown', 'The path is none of a picture of the demo world.');
    return svg;
  }

  return {
    async load(source, shape, signal) {
      try {
        const raster = await rasterOf(source, shape, signal);
        count('loaded');
        return raster;
      } catch (error) {
        count(error instanceof HamletError ? error.code : 'unexpected');
        throw error;
      }
    },
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
