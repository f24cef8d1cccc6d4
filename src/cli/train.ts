import type { Command } from 'commander';
import { openStore } from '../app.ts';
import { commandSetup, progressBar, report } from './output.ts';

/** `train item-graph`: what the log says about items, rebuilt now instead of on schedule. */
export const addTrainCommands = (program: Command) =>
  program
    .command('train')
    .description('Build an artifact from the log and promote it.')
    .command('item-graph')
    .description('Neighbours, transitions, popularity and trend of items; runs on the api machine.')
    .action(async () => {
      const { config, log } = commandSetup();
      const store = await openStore(config, log);
      try {
        const bar = progressBar('item-graph');
        const images = await store.graphs.rebuild('image', bar.update);
        const models = await store.graphs.rebuild('model', bar.update);
        bar.stop();
        await report({ image: images, model: models }, true);
      } finally {
        await store.close();
      }
    });
