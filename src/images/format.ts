/** Formats that are decoded. `svg` is recognised only to be refused by name. */
export type Format = 'png' | 'jpeg' | 'webp' | 'gif' | 'avif';

const ascii = (bytes: Buffer, from: number, to: number) => bytes.toString('latin1', from, to);

/** What the bytes are, by how they begin: names and content types are claims. */
export function formatOf(bytes: Buffer): Format | 'svg' | null {
  if (bytes.subarray(0, 8).equals(PNG)) return 'png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'webp';
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return 'gif';
  // ISO base media: size, `ftyp`, brand.
  if (/^ftypavi[fs]/.test(ascii(bytes, 4, 12))) return 'avif';
  if (/<svg[\s/>]/iu.test(ascii(bytes, 0, 4096))) return 'svg';
  return null;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
