import type { Command } from 'commander';
import { startServer } from '../server.ts';

export const addServeCommand = (program: Command) =>
  program
    .command('serve')
    .description('Serve the HTTP API; on an empty database of its own, with the seed world in it.')
    .action(startServer);
