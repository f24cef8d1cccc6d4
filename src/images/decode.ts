import sharp, { type Sharp } from 'sharp';
import { badInput, HamletError, unavailable } from '../errors.ts';
import { formatOf } from './format.ts';

/** 8-bit RGB, row by row. */
export type Raster = { data: Uint8Array; width: number; height: number };
export type Size = { width: number; height: number };
/** What to make of a picture before it becomes a raster. */
export type Shape = {
  /** Given the upright picture and its size. */
  cut(image: Sharp, size: Size): Sharp;
  /** Pixels of the shorter side that are enough: a drawing is drawn no larger, a tenth of the time of 512. */
  enough?: number;
};

export const LIMITS = {
  /** Bytes of a picture as it is stored or sent. */
  bytes: 20 * 2 ** 20,
  /** Pixels a side. WebP ends at 16,383 itself. */
  side: 16_384,
  /** Pixels in all: WebP and AVIF are decoded whole, four bytes each. */
  pixels: 64_000_000,
  /** Pictures of an animation, and pixels of all of them: a frame is reached by way of those before it. */
  frames: 2_000,
  framePixels: 1_000_000_000,
  /** Seconds of decoding. */
  seconds: 10,
} as const;

/** `limitInputPixels` stands behind the check of the header; an animation is its first frame. */
const OPTIONS = { limitInputPixels: LIMITS.pixels, failOn: 'error', pages: 1 } as const;
// What libvips remembers of a picture is of no use to the next one, and is memory.
sharp.cache(false);
/** A transparent picture is seen on white, as on most pages. */
const BEHIND = '#ffffff';

/**
 * Decodes a picture from outside. Nothing is decoded before its format and size are known to be allowed.
 * @throws HamletError `image-format`, `svg-refused`, `image-too-large`, `image-corrupt` (400), `image-slow` (503)
 */
export async function decode(bytes: Buffer, shape: Shape): Promise<Raster> {
  refuseUnread(bytes);
  return rasterOf(bytes, shape);
}

/**
 * Several pictures of an animation, first and last among them, evenly spread; of any other picture itself.
 * @throws as `decode`, and `animation-too-long` (400)
 */
export async function decodeFrames(bytes: Buffer, shape: Shape, most: number): Promise<Raster[]> {
  refuseUnread(bytes);
  const {
    pages = 1,
    width = 0,
    pageHeight = 0,
  } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => ({ pages: 1 }) as { pages?: number; width?: number; pageHeight?: number });
  if (pages > LIMITS.frames || pages * width * pageHeight > LIMITS.framePixels)
    throw badInput('animation-too-long', `The animation has ${pages} pictures of ${width} × ${pageHeight}.`);
  const count = Math.min(pages, most);
  const frames: Raster[] = [];
  for (let n = 0; n < count; n++) {
    const page = count === 1 ? 0 : Math.round((n * (pages - 1)) / (count - 1));
    frames.push(await rasterOf(bytes, shape, DENSITY, page));
  }
  return frames;
}

export function refuseUnread(bytes: Buffer): void {
  if (bytes.length > LIMITS.bytes) throw tooLarge(`${bytes.length} bytes`);
  const format = formatOf(bytes);
  // An SVG can hold scripts, references to other places and expansions without end.
  if (format === 'svg') throw badInput('svg-refused', 'SVG pictures from outside are not drawn.');
  if (format === null)
    throw badInput(
      'image-format',
      'The picture is none of PNG, JPEG, WebP, GIF and AVIF by its first bytes.',
    );
}

/** Draws an SVG that this program itself has written. */
export async function drawOwnSvg(svg: string, shape: Shape): Promise<Raster> {
  const bytes = Buffer.from(svg);
  if (shape.enough === undefined) return rasterOf(bytes, shape);
  const { width, height } = await sharp(bytes).metadata();
  return rasterOf(bytes, shape, (DENSITY * shape.enough) / Math.min(width, height));
}

/** Dots an inch at which one unit of a drawing is one pixel. */
const DENSITY = 72;

async function rasterOf(bytes: Buffer, shape: Shape, density = DENSITY, page = 0): Promise<Raster> {
  try {
    const { autoOrient: size } = await sharp(bytes, {
      ...OPTIONS,
      density,
      limitInputPixels: false,
    }).metadata();
    const { width, height } = size;
    if (width > LIMITS.side || height > LIMITS.side || width * height > LIMITS.pixels)
      throw tooLarge(`${width} × ${height} pixels`);
    const image = sharp(bytes, { ...OPTIONS, density, page })
      .autoOrient()
      .flatten({ background: BEHIND })
      .toColourspace('srgb');
    const { data, info } = await shape
      .cut(image, { width, height })
      .removeAlpha()
      .timeout({ seconds: LIMITS.seconds })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${info.channels} channels`);
    return { data, width: info.width, height: info.height };
  } catch (error) {
    throw error instanceof HamletError ? error : decodingFault(error as Error);
  }
}

/** What sharp's error says of a picture: stopped by the clock on a busy machine, it may be a good one. */
export function decodingFault(error: Error): HamletError {
  const reason = error.message.split('\n')[0]!;
  return reason.startsWith('timeout:')
    ? unavailable('image-slow', `The picture was not decoded in ${LIMITS.seconds} seconds.`, 60, error)
    : new HamletError('image-corrupt', 400, `The picture cannot be decoded: ${reason}`, { cause: error });
}

export const tooLarge = (size: string) =>
  badInput(
    'image-too-large',
    `The picture has ${size}; at most ${LIMITS.bytes} bytes, ${LIMITS.side} pixels a side and ${LIMITS.pixels} in all are read.`,
  );
