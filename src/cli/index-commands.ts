import { type Command, Option } from 'commander';
import type { ItemKind } from '../catalog/types.ts';
import { openIndexed } from '../store.ts';
import { reindex, sweep } from '../vectors/index.ts';
import { commandSetup, progressBar, report } from './output.ts';

/** `reindex` and `sweep`: rebuild or repair the vector index from Postgres while it serves. */
export function addIndexCommands(program: Command): void {
  const kind = () =>
    new Option('--kind <kind>', 'image or model').choices(['image', 'model']).default('image');
  program
    .command('reindex')
    .description('Build a new vector collection from Postgres and switch to it while the old one serves.')
    .addOption(kind())
    .action(({ kind }: { kind: ItemKind }) =>
      withIndex(async (parts) => {
        const bar = progressBar('reindex');
        const result = await reindex(parts.db, parts.vectors, kind, bar.update);
        bar.stop();
        return result;
      }),
    );
  program
    .command('sweep')
    .description('Compare the vector index with Postgres, repair what drifted, and report it.')
    .addOption(kind())
    .action(({ kind }: { kind: ItemKind }) => withIndex((parts) => sweep(parts.db, parts.vectors, kind)));
}

async function withIndex(work: (parts: Awaited<ReturnType<typeof openIndexed>>) => Promise<unknown>) {
  const { config, log } = commandSetup();
  const parts = await openIndexed(config, log);
  try {
    await report(await work(parts), true);
  } finally {
    await parts.close();
  }
}
