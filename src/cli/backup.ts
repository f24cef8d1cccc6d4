import type { Command } from 'commander';
import { backupDatabase, openDatabase, restoreDatabase } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import { backUpArtifacts, type CopiedArtifacts, restoreArtifacts } from '../models/index.ts';
import { commandSetup, report } from './output.ts';

/** `backup` and `restore`: all that is truth, and what was trained; vectors and caches are made anew from it. */
export function addBackupCommands(program: Command): void {
  program
    .command('backup <folder>')
    .description('Write the database, as one consistent snapshot, and the artifacts to a new folder.')
    .action((folder: string) =>
      withDatabase(async (db, home) => {
        let artifacts: CopiedArtifacts = { copied: [], lacking: [] };
        const tables = await backupDatabase(db, folder, async (half) => {
          artifacts = await backUpArtifacts(db, home, half);
        });
        await report({ ...tables, artifacts }, true);
        refuseIfInForce(artifacts);
      }),
    );
  program
    .command('restore <folder>')
    .description('Fill an empty database, and the home’s artifacts, from such a folder.')
    .action((folder: string) =>
      withDatabase(async (db, home) => {
        // First, for a database that is no longer empty cannot be tried again.
        const artifacts = await restoreArtifacts(folder, home);
        await report({ ...(await restoreDatabase(db, folder)), artifacts }, true);
      }),
    );
}

/** Said at the end, by the exit code too: the rest of the backup is whole. */
function refuseIfInForce({ lacking }: CopiedArtifacts): void {
  const inForce = lacking.filter(({ state }) => state === 'active').map(({ artifact }) => artifact);
  if (inForce.length > 0)
    throw new HamletError(
      'artifact-missing',
      409,
      `In force, and not in the backup since this machine lacks it: ${inForce.join(', ')}.`,
    );
}

async function withDatabase(
  work: (db: Awaited<ReturnType<typeof openDatabase>>, home: string) => Promise<void>,
) {
  const { config, log } = commandSetup();
  const db = await openDatabase(config, log);
  await work(db, config.HAMLET_HOME).finally(() => db.close());
}
