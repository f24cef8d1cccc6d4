import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

/**
 * Two public, permissively licensed sets of drawn pictures, from npm, for `hamlet safety check --pictures`:
 * Microsoft's Fluent emoji in three dimensions (MIT) and Google's Noto emoji (Apache-2.0), each evenly spread.
 *   node bench/safety/harmless-sets.ts FOLDER
 */
const COUNT = 150;
const SIDE = 512;
const FLUENT = '@lobehub/fluent-emoji-3d@1.1.0';
const NOTO = '@iconify-json/noto@1.2.9';

const out = process.argv[2];
if (out === undefined) throw new Error('Name a folder.');
const folder = mkdtempSync(join(tmpdir(), 'hamlet-harmless-'));
try {
  const unpack = (name: string) => {
    const file = execFileSync('npm', ['pack', name, '--silent'], { cwd: folder, encoding: 'utf8' }).trim();
    const to = join(folder, file.replace('.tgz', ''));
    mkdirSync(to);
    execFileSync('tar', ['xzf', file, '-C', to], { cwd: folder });
    return join(to, 'package');
  };
  const spread = (names: string[]) =>
    Array.from({ length: COUNT }, (_, n) => names[Math.floor((n * names.length) / COUNT)]!);
  for (const name of ['fluent-3d', 'noto']) mkdirSync(join(out, name), { recursive: true });

  const assets = join(unpack(FLUENT), 'assets');
  for (const name of spread(
    readdirSync(assets)
      .filter((file) => file.endsWith('.webp'))
      .sort(),
  ))
    await sharp(join(assets, name))
      .png()
      .toFile(join(out, 'fluent-3d', `${name}.png`));

  const icons = JSON.parse(readFileSync(join(unpack(NOTO), 'icons.json'), 'utf8')) as {
    icons: Record<string, { body: string }>;
    width: number;
    height: number;
  };
  for (const name of spread(Object.keys(icons.icons).sort())) {
    const box = `viewBox="0 0 ${icons.width} ${icons.height}" width="${SIDE}" height="${SIDE}"`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${box}>${icons.icons[name]!.body}</svg>`;
    await sharp(Buffer.from(svg))
      .png()
      .toFile(join(out, 'noto', `${name}.png`));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
