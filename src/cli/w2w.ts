import type { Command } from 'commander';
import { openStore } from '../store.ts';
import { addLoraFile } from '../w2w/index.ts';
import { runHamletSidecar } from './on-sidecar.ts';
import { commandSetup, report } from './output.ts';
import { type Asked, personalizationsOver, personalizeOver } from './w2w-personalize.ts';

export function addW2wCommands(program: Command): void {
  const w2w = program.command('w2w').description('LoRA files and spaces of their weights.');
  w2w
    .command('inspect <file>')
    .description('What a LoRA file is, of whatever format, or why it is refused. Needs no database.')
    .option('--base <model>', 'folder or hub id of the base model; sd15 for its layers alone')
    .option('--json [file]', 'where the answer goes; standard output without a name')
    .action(async (file: string, { base, json }: { base?: string; json?: string | true }) => {
      const words = ['w2w-inspect', file, ...(base === undefined ? [] : ['--base', base])];
      await report(await runHamletSidecar(words), json);
    });
  w2w
    .command('add <model> <file>')
    .description(
      'Gives a model of the catalogue its LoRA file; one whose rights allow it enters later spaces.',
    )
    .action(async (model: string, file: string) => {
      const { config, log } = commandSetup();
      const store = await openStore(config, log);
      try {
        await report(await addLoraFile(store.db, config.HAMLET_HOME, model, file), true);
      } finally {
        await store.close();
      }
    });
  w2w
    .command('personalize <user>')
    .description('Asks a running Hamlet for LoRAs in the taste of one of its users, and for what they draw.')
    .requiredOption('--out <folder>', 'where the LoRAs and their grids go')
    .option('--api <url>', 'where Hamlet listens', 'http://127.0.0.1:3000')
    .option('--key <key>', 'with scope admin, where keys are needed')
    .option('--json [file]', 'where the steps go; standard output without a name')
    .action(async (user: string, { json, ...options }: Omit<Asked, 'user'> & { json?: string | true }) => {
      await report(await personalizeOver({ user, ...options }), json);
    });
  w2w
    .command('personalizations')
    .description('Lists those of a running Hamlet: whose, how far, and the tastes they are about.')
    .option('--api <url>', 'where Hamlet listens', 'http://127.0.0.1:3000')
    .option('--key <key>', 'with scope admin, where keys are needed')
    .option('--json [file]', 'where the list goes; standard output without a name')
    .action(async ({ json, ...options }: Pick<Asked, 'api' | 'key'> & { json?: string | true }) => {
      await report(await personalizationsOver(options), json);
    });
  w2w
    .command('report')
    .description('Directions, edits and users, measured on the demo world’s LoRAs. Goes on where it was.')
    .option('--json [file]', 'where the figures go; standard output without a name')
    .option('--work <folder>', 'where partial results are kept', '.hamlet/w2w-report')
    .option('--users <n>', 'planted users', Number, 6)
    .option('--sizes <json>', 'fewer of them: {"pairs", "pictures", "steps", "ablationPairs"}', readSizes, {})
    .option('--method <method>', 'of the space: whole, or svd as in the paper', 'whole')
    .option('--only <parts...>', 'directions, edits, users, ablation, orthogonalised', [])
    .action(async ({ json, ...asked }: ReportOptions) => {
      const { w2wReport } = await import('../../scripts/w2w-report.ts');
      await report(await w2wReport({ ...commandSetup(), ...asked }), json);
    });
}

const readSizes = (text: string): Record<string, number> => JSON.parse(text) as Record<string, number>;
type ReportOptions = {
  json?: string | true;
  work: string;
  users: number;
  sizes: Record<string, number>;
  only: string[];
  method: string;
};
