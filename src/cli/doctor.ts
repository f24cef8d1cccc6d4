import type { Command } from 'commander';
import { openIndexed } from '../app.ts';
import { diagnose, diagnoseWithoutDatabase } from '../diagnose.ts';
import { HamletError } from '../errors.ts';
import { commandSetup, report } from './output.ts';

export const addDoctorCommand = (program: Command) =>
  program
    .command('doctor')
    .description('Say what is configured, what answers, and what is counted.')
    .option('--json [file]', 'as JSON, to a file or to standard output')
    .action(async (options: { json?: string | boolean }) => {
      const diagnosis = await examine(commandSetup());
      if (options.json !== undefined) await report(diagnosis, options.json);
      else printDiagnosis(diagnosis);
    });

/** A database that is away is a finding, too; the exit code says so. */
async function examine({ config, log }: ReturnType<typeof commandSetup>) {
  const parts = await openIndexed(config, log).catch((error: unknown) => {
    if (error instanceof HamletError && error.code === 'database-unavailable') return error;
    throw error;
  });
  if (parts instanceof HamletError) {
    process.exitCode = 1;
    return diagnoseWithoutDatabase({ config, log }, parts.message);
  }
  try {
    return await diagnose(parts);
  } finally {
    await parts.close();
  }
}

function printDiagnosis(diagnosis: Record<string, unknown>): void {
  for (const [part, value] of Object.entries(diagnosis)) {
    const fields =
      typeof value === 'object' && value !== null
        ? Object.entries(value)
            .map(
              ([name, field]) =>
                `${name} ${typeof field === 'object' ? JSON.stringify(field) : String(field)}`,
            )
            .join(' · ')
        : String(value);
    process.stdout.write(`${part.padEnd(10)} ${fields}\n`);
  }
}
