import type { Command } from 'commander';
import { runHamletSidecar } from './on-sidecar.ts';
import { report } from './output.ts';

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
}
