import { runHamletSidecar } from '../src/cli/on-sidecar.ts';
import { writeResults } from './machine.ts';

/**
 * Spaces of LoRA weights: `scale` (5,000 LoRAs of SD 1.5 at rank 1, on two threads), `sd15` (the published UNet at
 * full size, drawn at random, takes a written LoRA), `components` (what k > 1 buys on the shipped zoo).
 *   node bench/w2w-spaces.ts [scale|sd15|components]…
 */
const PARTS = ['scale', 'sd15', 'components'];

export async function main(parts = PARTS): Promise<void> {
  for (const part of parts) {
    const figures = await runHamletSidecar<object>(['w2w-bench', part], { line: () => true });
    console.log(JSON.stringify(figures, null, 2));
    await writeResults(`w2w-${part}`, { command: `node bench/w2w-spaces.ts ${part}`, ...figures });
  }
}

if (import.meta.main) {
  const asked = process.argv.slice(2).filter((part) => PARTS.includes(part));
  await main(asked.length > 0 ? asked : PARTS);
}
