import type { Command } from 'commander';
import { embedNow, encodeOnSidecar } from '../embedding/index.ts';
import { HamletError } from '../errors.ts';
import { openSidecars } from '../sidecar/index.ts';
import { openIndexed } from '../store.ts';
import { commandSetup, progressBar, report } from './output.ts';

/** Pictures of one job: a job takes seconds to begin. */
const SIDECAR_BATCH = 2_000;

/** `embed`: what the api does in the background, now and as fast as it goes. */
export const addEmbedCommand = (program: Command) =>
  program
    .command('embed')
    .description('Give items with a picture their content vector (CLIP).')
    .option('--missing', 'those without a vector, failures included (the default)')
    .option('--all', 'measured ones again, too; what callers declared stays')
    .option('--on-sidecar', 'the network runs on a sidecar (SIDECAR_URL), on its GPU where it has one')
    .action(async ({ all = false, onSidecar }: { all?: boolean; onSidecar?: boolean }) => {
      const { config, log } = commandSetup();
      const parts = await openIndexed(config, log);
      try {
        const { encoder, problem } = parts.clip;
        if (encoder === null) throw problem ?? new HamletError('clip-model-missing', 500, 'Set CLIP_MODEL.');
        const bar = progressBar('embed');
        const done = await (onSidecar
          ? embedNow(
              { ...parts, encoder: encodeOnSidecar(encoder, openSidecars(config, log), config.HAMLET_HOME) },
              { all, batch: SIDECAR_BATCH },
              bar.update,
            )
          : embedNow({ ...parts, encoder }, { all }, bar.update)
        ).finally(bar.stop);
        await parts.carrier.drain();
        await report(done, true);
      } finally {
        await parts.close();
      }
    });
