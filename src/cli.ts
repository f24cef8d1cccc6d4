#!/usr/bin/env node
import { Command } from 'commander';
import { addBackupCommands } from './cli/backup.ts';
import { addClassifyCommand } from './cli/classify.ts';
import { addDoctorCommand } from './cli/doctor.ts';
import { addDpoCommands } from './cli/dpo.ts';
import { addEmbedCommand } from './cli/embed.ts';
import { addEvaluateCommand } from './cli/evaluate.ts';
import { addExperimentCommands } from './cli/experiment.ts';
import { addImportCommands } from './cli/import.ts';
import { addIndexCommands } from './cli/index-commands.ts';
import { addKeysCommands } from './cli/keys.ts';
import { addMigrateCommand } from './cli/migrate.ts';
import { addModelsCommands } from './cli/models.ts';
import { failWith } from './cli/output.ts';
import { addSafetyCommand } from './cli/safety.ts';
import { addSeedCommand } from './cli/seed.ts';
import { addServeCommand } from './cli/serve.ts';
import { addTrainCommands } from './cli/train.ts';
import { addW2wCommands } from './cli/w2w.ts';
import { addWorldCommands } from './cli/world.ts';

const program = new Command('hamlet')
  .description('Recommends images and LoRA models to each person, with reasons one can check.')
  .showHelpAfterError('(--help lists the options)');

addServeCommand(program);
addMigrateCommand(program);
addSeedCommand(program);
addWorldCommands(program);
addImportCommands(program);
addTrainCommands(program);
addModelsCommands(program);
addEmbedCommand(program);
addClassifyCommand(program);
addSafetyCommand(program);
addEvaluateCommand(program);
addExperimentCommands(program);
addW2wCommands(program);
addIndexCommands(program);
addKeysCommands(program);
addDpoCommands(program);
addDoctorCommand(program);
addBackupCommands(program);

await program.parseAsync().catch(failWith);
