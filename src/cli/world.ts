import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { planZoo, worldSize } from '../../seed/index.ts';
import { makeWorld } from '../../seed/world.ts';
import { report } from './output.ts';

type Options = { seed: string; json?: string | boolean; out: string };

/** `world …`: what the demo world is made of, for those who train and judge on it; needs no database. */
export function addWorldCommands(program: Command): void {
  const world = program.command('world').description('The demo world: its plan, its truth, its tables.');

  subcommand(world, 'plan')
    .description('How each LoRA of the zoo is to be trained: styles, palette, rank, format, steps, data.')
    .option('--json [file]', 'where it goes; standard output without a name')
    .action(({ seed, json }: Options) => {
      const { models } = worldSize('full', Number(seed));
      return report({ seed: Number(seed), loras: planZoo(models, Number(seed)) }, json);
    });

  subcommand(world, 'truth')
    .description(
      'What was planted: tastes, drift, how each page came about. For tests and evaluations alone.',
    )
    .requiredOption('--out <file>', 'where it goes')
    .action(async ({ seed, out }: Options) => {
      // Only here: no other command has any business with it, least of all `serve`.
      const { truthOf } = await import('../../seed/truth.ts');
      await writeFile(out, JSON.stringify(truthOf(makeWorld(worldSize('full', Number(seed))))));
    });
}

const subcommand = (world: Command, name: string) =>
  world.command(name).option('--seed <n>', 'random seed of the world', '1');
