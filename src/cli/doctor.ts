import type { Command } from 'commander';
import { openIndexed } from '../app.ts';
import { diagnose } from '../diagnose.ts';
import { commandSetup, report } from './output.ts';

export const addDoctorCommand = (program: Command) =>
  program
    .command('doctor')
    .description('Say what is configured, what answers, and what is counted.')
    .option('--json [file]', 'as JSON, to a file or to standard output')
    .action(async (options: { json?: string | boolean }) => {
      const { config, log } = commandSetup();
      const parts = await openIndexed(config, log);
      try {
        const diagnosis = await diagnose(parts);
        if (options.json !== undefined) await report(diagnosis, options.json);
        else printDiagnosis(diagnosis);
      } finally {
        await parts.close();
      }
    });

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
