import type { Command } from 'commander';
import { type Advice, advise } from '../advice.ts';
import { inspectDatabase } from '../db/index.ts';
import { type Diagnosis, diagnose, diagnoseWithoutDatabase } from '../diagnose.ts';
import { openIndexed } from '../store.ts';
import { commandSetup, report } from './output.ts';

export const addDoctorCommand = (program: Command) =>
  program
    .command('doctor')
    .description('Say what is configured, reachable and up to date, and what to do next.')
    .option('--json [file]', 'as JSON, to a file or to standard output')
    .action(async (options: { json?: string | boolean }) => {
      const diagnosis = await examine(commandSetup());
      const next = advise(diagnosis);
      if (next.some(({ broken }) => broken)) process.exitCode = 1;
      if (options.json !== undefined) await report({ ...diagnosis, next }, options.json);
      else print(diagnosis, next);
    });

/** Looks first and opens only what is up to date: a doctor migrates nothing and makes no database. */
async function examine({ config, log }: ReturnType<typeof commandSetup>): Promise<Diagnosis> {
  const database = await inspectDatabase(config, log);
  if (database.schema.applied !== database.schema.newest)
    return diagnoseWithoutDatabase({ config, log }, database);
  const parts = await openIndexed(config, log);
  try {
    return await diagnose(parts, database);
  } finally {
    await parts.close();
  }
}

function print(diagnosis: Diagnosis, next: Advice[]): void {
  for (const [part, fields] of Object.entries(diagnosis)) {
    const words = Object.entries(fields).map(([name, field]) => `${name} ${textOf(field)}`);
    process.stdout.write(`${part.padEnd(10)} ${words.join(' · ')}\n`);
  }
  process.stdout.write(next.length === 0 ? '\nAll is well.\n' : '\nNext:\n');
  for (const { part, found, next: way, broken } of next)
    process.stdout.write(`${broken ? '!' : ' '} ${part}: ${found} → ${way}\n`);
}

const textOf = (field: unknown): string =>
  typeof field === 'object' && field !== null ? JSON.stringify(field) : String(field);
