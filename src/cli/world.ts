import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { planZoo, worldSize } from '../../seed/index.ts';
import { renderTrainingSet, SPLITS, type Split } from '../../seed/training-set/index.ts';
import { makeWorld } from '../../seed/world.ts';
import { progressBar, report } from './output.ts';

type Options = { seed: string; json?: string | boolean; out: string };
type RenderOptions = { seed: string; out: string; count: number; size: number; split: Split };

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

  subcommand(world, 'export')
    .description('The two tables that ImageGem is published in, as parquet; `import imagegem` takes them in.')
    .requiredOption('--out <folder>', 'where images.parquet and models.parquet go')
    .action(async ({ seed, out }: Options) => {
      const { exportTables } = await import('../../seed/tables/index.ts');
      await report(await exportTables(makeWorld(worldSize('full', Number(seed))), out), true);
    });

  subcommand(world, 'render')
    .description('Pictures to train and measure models on, small and raw; none of them is in the world.')
    .requiredOption('--out <folder>', 'where pixels.u8, pictures.jsonl and manifest.json go')
    .option('--count <n>', 'pictures', whole(1, 1_000_000), 6000)
    .option('--size <px>', 'side of a picture', whole(16, 512), 96)
    .addOption(
      new Option('--split <name>', 'splits share no recipe and no number').choices(SPLITS).default('train'),
    )
    .action(async ({ seed, out, ...chosen }: RenderOptions) => {
      const bar = progressBar('render');
      const options = { ...chosen, seed: Number(seed), folder: out };
      const rendered = await renderTrainingSet(options, bar.update);
      bar.stop();
      await report(rendered, true);
    });
}

const whole = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InvalidArgumentError(`a whole number from ${least} to ${most}`);
  return value;
};

const subcommand = (world: Command, name: string) =>
  world.command(name).option('--seed <n>', 'random seed of the world', '1');
