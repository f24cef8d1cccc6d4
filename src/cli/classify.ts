import { type Command, InvalidArgumentError } from 'commander';
import { classifyNow } from '../classification/index.ts';
import { HamletError } from '../errors.ts';
import { openIndexed } from '../store.ts';
import { commandSetup, progressBar, report } from './output.ts';

type Options = { all?: boolean; apply?: boolean; share: number; json?: string };

/** `classify`: what the api does in the background, now; and what another version would change. */
export const addClassifyCommand = (program: Command) =>
  program
    .command('classify')
    .description('Look at pictures whose level is to be found, and list what would come to another level.')
    .option('--missing', 'those that wait for it (the default)')
    .option('--all', 'items with a level of their own too: it is never lowered')
    .option('--apply', 'let listed changes of level act')
    .option('--share <fraction>', 'of one processor, beside a server', parseShare, 1)
    .option('--json <file>', 'where the report goes; standard output without it')
    .action(async ({ all = false, apply = false, share, json }: Options) => {
      const { config, log } = commandSetup();
      const parts = await openIndexed(config, log);
      try {
        const { judge, problem } = parts.safety;
        if (judge === null) throw problem ?? new HamletError('classifier-missing', 500, 'Set CLASSIFIERS.');
        const bar = progressBar('classify');
        const done = await classifyNow({ ...parts, judge }, { all, apply, share }, bar.update).finally(
          bar.stop,
        );
        await parts.carrier.drain();
        await report(done, json);
      } finally {
        await parts.close();
      }
    });

function parseShare(text: string): number {
  const share = Number(text);
  if (!(share > 0 && share <= 1)) throw new InvalidArgumentError('a number above 0, at most 1');
  return share;
}
