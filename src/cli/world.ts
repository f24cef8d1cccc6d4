import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { planZoo, readShowcase, renderPicture, worldSize } from '../../seed/index.ts';
import { renderTrainingSet, SPLITS, type Split } from '../../seed/training-set/index.ts';
import { lookAtWorld } from '../../seed/vectors/make.ts';
import { writeShippedVectors } from '../../seed/vectors/shipped.ts';
import { makeWorld } from '../../seed/world.ts';
import { HamletError } from '../errors.ts';
import { openImageLoader } from '../images/index.ts';
import { openClip } from '../models/index.ts';
import { commandSetup, progressBar, report } from './output.ts';
import { whole } from './whole.ts';

type Options = { seed: string; json?: string | boolean; out: string };
type RenderOptions = { seed: string; out: string; count: number; size: number; split: Split };

/** `world …`: what the demo world is made of, for those who train and judge on it; needs no database. */
export function addWorldCommands(program: Command): void {
  const world = program.command('world').description('The demo world: its plan, its truth, its tables.');

  addWeightsCommands(world);
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

/** What needs the trained weights. */
function addWeightsCommands(world: Command): void {
  world
    .command('check')
    .description('Count the world and measure the shipped weights on pictures they have not seen.')
    .option('--json [file]', 'where the figures go; standard output without a name')
    .action(async ({ json }: { json?: string | boolean }) => {
      const { checkWorld } = await import('../../scripts/world-check.ts');
      const bar = progressBar('check');
      const figures = await checkWorld(bar.update).finally(bar.stop);
      await report(figures, json);
    });

  world
    .command('embed')
    .description(
      'Look at every picture of the world with CLIP: makes weights/world, which a first start uses.',
    )
    .action(async () => {
      const { config, log } = commandSetup();
      const clip = await openClip(config, { hasPictures: true, log });
      const images = openImageLoader({ trustedHosts: new Set(), renderPicture, readShowcase });
      try {
        const { encoder, problem } = clip;
        if (encoder === null) throw problem ?? new HamletError('clip-model-missing', 500, 'Set CLIP_MODEL.');
        const { items } = makeWorld(worldSize('full'));
        const bar = progressBar('embed');
        const vectors = await lookAtWorld(items, { encoder, images }, bar.update).finally(bar.stop);
        const about = { encoder: encoder.id, dims: encoder.dims };
        await report({ ...about, ...(await writeShippedVectors(items, vectors, about)) }, true);
      } finally {
        images.close();
        await clip.close();
      }
    });
}

const subcommand = (world: Command, name: string) =>
  world.command(name).option('--seed <n>', 'random seed of the world', '1');
