import { type Command, Option } from 'commander';
import { type SizeName, seedWorld, serveShippedModels, worldSize } from '../../seed/index.ts';
import { openIndexed } from '../store.ts';
import { commandSetup, progressBar, report } from './output.ts';

type SeedOptions = { size: SizeName; seed: string; json?: string };

export const addSeedCommand = (program: Command) =>
  program
    .command('seed')
    .description(
      'Fill the database with the demo world: pictures, models, people and what they did in a year.',
    )
    .addOption(new Option('--size <name>', 'of the world').choices(['full', 'small']).default('full'))
    .option('--seed <n>', 'random seed of the world', '1')
    .option('--json <file>', 'where the report goes; standard output without it')
    .action(async ({ size, seed, json }: SeedOptions) => {
      const { config, log } = commandSetup();
      const parts = await openIndexed(config, log);
      try {
        const bar = progressBar('seed');
        const world = worldSize(size, Number(seed));
        const filled = await seedWorld(parts, world, (part, note) => bar.update(part * 0.7, note));
        await parts.graphs.rebuild('image', (part) => bar.update(0.7 + part * 0.2, 'graph of images'));
        await parts.graphs.rebuild('model', (part) => bar.update(0.9 + part * 0.05, 'graph of models'));
        await serveShippedModels({ db: parts.db, home: config.HAMLET_HOME }, world);
        bar.update(0.95, 'vectors');
        await parts.carrier.drain();
        bar.stop();
        await report(filled, json ?? true);
      } finally {
        await parts.close();
      }
    });
