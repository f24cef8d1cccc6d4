import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const WEIGHTS = resolve(import.meta.dirname, '../weights');
const CARDS = join(WEIGHTS, 'loras/cards');

/** The diffusion model that the zoo's LoRAs are of. */
export const SHIPPED_BASE = join(WEIGHTS, 'diffusion');

/** Where the LoRA of a model of the zoo ships, by the model's id; null = it does not. Cards are read when first asked. */
export function shippedLora(): (id: string) => string | null {
  let files: Map<string, string> | undefined;
  return (id) => {
    files ??= new Map(cards().map((card) => [card.id, join(WEIGHTS, 'loras', card.file)]));
    return files.get(id) ?? null;
  };
}

function cards(): { id: string; file: string }[] {
  try {
    return readdirSync(CARDS).map((name) => JSON.parse(readFileSync(join(CARDS, name), 'utf8')));
  } catch {
    return [];
  }
}
