import type { Command } from 'commander';
import { openIndexed } from '../app.ts';
import { embedNow } from '../embedding/index.ts';
import { HamletError } from '../errors.ts';
import { commandSetup, progressBar, report } from './output.ts';

/** `embed`: what the api does in the background, now and as fast as it goes. */
export const addEmbedCommand = (program: Command) =>
  program
    .command('embed')
    .description('Give items with a picture their content vector (CLIP).')
    .option('--missing', 'those without a vector, failures included (the default)')
    .option('--all', 'measured ones again, too; what callers declared stays')
    .action(async ({ all = false }: { all?: boolean }) => {
      const { config, log } = commandSetup();
      const parts = await openIndexed(config, log);
      try {
        const { encoder, problem } = parts.clip;
        if (encoder === null) throw problem ?? new HamletError('clip-model-missing', 500, 'Set CLIP_MODEL.');
        const bar = progressBar('embed');
        const done = await embedNow({ ...parts, encoder }, { all }, bar.update).finally(bar.stop);
        await parts.carrier.drain();
        await report(done, true);
      } finally {
        await parts.close();
      }
    });
