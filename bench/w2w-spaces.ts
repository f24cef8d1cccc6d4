import { runHamletSidecar } from '../src/cli/on-sidecar.ts';
import { writeResults } from './machine.ts';

/**
 * Spaces of LoRA weights: `scale` (5,000 LoRAs of SD 1.5 at rank 1, on two threads), `whole` (1,000 of eight components
 * each, whole ΔW), `sd15` (the published UNet at full size, drawn at random, takes a written LoRA), `components` (what
 * k > 1 buys on the shipped zoo).
 *   node bench/w2w-spaces.ts [scale|whole|sd15|components]… [--loras N]
 */
const PARTS = ['scale', 'whole', 'sd15', 'components'];

export async function main(parts = PARTS, loras: string[] = []): Promise<void> {
  for (const part of parts) {
    const figures = await runHamletSidecar<object>(['w2w-bench', part, ...loras], { line: () => true });
    console.log(JSON.stringify(figures, null, 2));
    // Fewer are for trying it.
    if (loras.length > 0) continue;
    await writeResults(`w2w-${part}`, { command: `node bench/w2w-spaces.ts ${part}`, ...figures });
  }
}

if (import.meta.main) {
  const asked = process.argv.slice(2).filter((part) => PARTS.includes(part));
  const at = process.argv.indexOf('--loras');
  await main(asked.length > 0 ? asked : PARTS, at < 0 ? [] : process.argv.slice(at, at + 2));
}
