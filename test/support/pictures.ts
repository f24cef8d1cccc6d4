import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** Left half one colour, right half another: where a picture was turned or cut, the halves tell. */
export const twoHalves = (left: string, right: string, width = 64, height = 48) =>
  sharp({ create: { width, height, channels: 3, background: left } }).composite([
    {
      input: { create: { width: Math.floor(width / 2), height, channels: 3, background: right } },
      left: Math.ceil(width / 2),
      top: 0,
    },
  ]);

/** A well-formed PNG of zeros: a thousandth of what it decodes to. */
export function blackPng(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc((width + 1) * height), { level: 9 });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** An animation of one black pixel, so many pictures long; twenty bytes each. */
export function endlessGif(pictures: number): Buffer {
  const head = Buffer.from('474946383961010001008000000000' + '00ffffff', 'hex');
  const picture = Buffer.from('21f9040001000000' + '2c00000000010001000002024401' + '00', 'hex');
  return Buffer.concat([head, ...new Array<Buffer>(pictures).fill(picture), Buffer.from([0x3b])]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
