import type { Command } from 'commander';
import { planZoo, worldSize } from '../../seed/index.ts';
import { report } from './output.ts';

/** `world plan`: what the demo world is made of, for those who train and judge on it. */
export function addWorldCommands(program: Command): void {
  const world = program.command('world').description('The demo world: its plan, its truth, its tables.');
  world
    .command('plan')
    .description('How each LoRA of the zoo is to be trained: styles, palette, rank, format, steps, data.')
    .option('--seed <n>', 'random seed of the world', '1')
    .option('--json [file]', 'where it goes; standard output without a name')
    .action(({ seed, json }: { seed: string; json?: string | boolean }) => {
      const size = worldSize('full', Number(seed));
      return report({ seed: size.seed, loras: planZoo(size.models, size.seed) }, json);
    });
}
