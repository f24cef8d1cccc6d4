import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Pictures that the zoo's LoRAs really made, shipped with the weights: `ID-1.webp`, `ID-2.webp`, … */
const SHIPPED = resolve(import.meta.dirname, '../weights/loras/showcase');
const NAME = /^(lora-\d+-\d+)-\d{1,2}$/u;

/** Paths of a card's pictures as the api serves them; none where the weights are not there. */
export function showcasePaths(folder = SHIPPED): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const file of filesIn(folder).sort()) {
    const name = file.replace(/\.webp$/u, '');
    const id = showcaseOf(name);
    if (id === undefined || name === file) continue;
    paths.set(id, [...(paths.get(id) ?? []), `/showcases/${file}`]);
  }
  return paths;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The card whose picture it is; undefined for a name that is none's. */
export const showcaseOf = (name: string): string | undefined => NAME.exec(name)?.[1];

/** @param name without `.webp`; null when it is none's. */
export async function readShowcase(name: string, folder = SHIPPED): Promise<Buffer | null> {
  if (!NAME.test(name)) return null;
  return readFile(join(folder, `${name}.webp`)).catch(() => null);
}
