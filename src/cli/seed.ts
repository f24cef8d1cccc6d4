import type { Command } from 'commander';
import { seedWorld } from '../../seed/index.ts';
import { openIndexed } from '../app.ts';
import { commandSetup, progressBar, report } from './output.ts';

export const addSeedCommand = (program: Command) =>
  program
    .command('seed')
    .description('Fill the database with the small seed world (pictures, models, people and what they did).')
    .option('--seed <n>', 'random seed of the world', '1')
    .action(async (options: { seed: string }) => {
      const { config, log } = commandSetup();
      const parts = await openIndexed(config, log);
      try {
        const bar = progressBar('seed');
        const filled = await seedWorld(parts, { seed: Number(options.seed) }, bar.update);
        await parts.graphs.rebuild('image');
        await parts.graphs.rebuild('model');
        await parts.carrier.drain();
        bar.stop();
        await report(filled, true);
      } finally {
        await parts.close();
      }
    });
