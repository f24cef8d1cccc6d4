#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { Command } from 'commander';

// Half of a start is stripping types and compiling: kept beside the packages, and gone with them.
enableCompileCache(resolve(import.meta.dirname, '../node_modules/.cache/hamlet'));

/** The commands of each file of `cli`, and what adds them. */
const FILES: [commands: string[], load: () => Promise<(program: Command) => unknown>][] = [
  [['serve'], async () => (await import('./cli/serve.ts')).addServeCommand],
  [['migrate'], async () => (await import('./cli/migrate.ts')).addMigrateCommand],
  [['seed'], async () => (await import('./cli/seed.ts')).addSeedCommand],
  [['world'], async () => (await import('./cli/world.ts')).addWorldCommands],
  [['import'], async () => (await import('./cli/import.ts')).addImportCommands],
  [['train'], async () => (await import('./cli/train.ts')).addTrainCommands],
  [['models'], async () => (await import('./cli/models.ts')).addModelsCommands],
  [['embed'], async () => (await import('./cli/embed.ts')).addEmbedCommand],
  [['classify'], async () => (await import('./cli/classify.ts')).addClassifyCommand],
  [['safety'], async () => (await import('./cli/safety.ts')).addSafetyCommand],
  [['evaluate'], async () => (await import('./cli/evaluate.ts')).addEvaluateCommand],
  [['experiment'], async () => (await import('./cli/experiment.ts')).addExperimentCommands],
  [['w2w'], async () => (await import('./cli/w2w.ts')).addW2wCommands],
  [['reindex', 'sweep'], async () => (await import('./cli/index-commands.ts')).addIndexCommands],
  [['keys'], async () => (await import('./cli/keys.ts')).addKeysCommands],
  [['dpo'], async () => (await import('./cli/dpo.ts')).addDpoCommands],
  [['settings'], async () => (await import('./cli/settings.ts')).addSettingsCommand],
  [['doctor'], async () => (await import('./cli/doctor.ts')).addDoctorCommand],
  [['backup', 'restore'], async () => (await import('./cli/backup.ts')).addBackupCommands],
];

const program = new Command('hamlet')
  .description('Recommends images and LoRA models to each person, with reasons one can check.')
  .showHelpAfterError('(--help lists the options)');

// A key is made without loading what serves lists; help, and whatever is misspelt, need all.
const called = FILES.filter(([commands]) => commands.includes(process.argv[2] ?? ''));
for (const [, load] of called.length > 0 ? called : FILES) (await load())(program);

const { failWith } = await import('./cli/output.ts');
await program.parseAsync().catch(failWith);
