import type { Command } from 'commander';
import { openDatabase } from '../db/index.ts';
import { commandSetup } from './output.ts';

export const addMigrateCommand = (program: Command) =>
  program
    .command('migrate')
    .description('Bring the database schema up to this version (serve does so by itself).')
    .action(async () => {
      const { config, log } = commandSetup();
      const db = await openDatabase(config, log);
      process.stdout.write(`schema is current: ${db.description}\n`);
      await db.close();
    });
