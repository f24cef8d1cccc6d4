import type { Command } from 'commander';
import { backupDatabase, openDatabase, restoreDatabase } from '../db/index.ts';
import { commandSetup, report } from './output.ts';

/** `backup` and `restore`: everything that is truth but the files of trained artifacts; vectors and caches are rebuilt from it. */
export function addBackupCommands(program: Command): void {
  program
    .command('backup <folder>')
    .description('Write every table to a new folder, as one consistent snapshot with a manifest.')
    .action(async (folder: string) => {
      const { config, log } = commandSetup();
      const db = await openDatabase(config, log);
      await report(await backupDatabase(db, folder), true).finally(() => db.close());
    });
  program
    .command('restore <folder>')
    .description('Fill an empty database from such a folder.')
    .action(async (folder: string) => {
      const { config, log } = commandSetup();
      const db = await openDatabase(config, log);
      await report(await restoreDatabase(db, folder), true).finally(() => db.close());
    });
}
