import type { Command } from 'commander';
import { openDatabase } from '../db/index.ts';
import { openKeys, type Scope } from '../keys/index.ts';
import { commandSetup, report } from './output.ts';

/** `keys create|list|revoke`: with the first key the api asks for one on every call. */
export function addKeysCommands(program: Command): void {
  const keys = program.command('keys').description('API keys: create, list, revoke.');
  keys
    .command('create <name>')
    .description('Make a key; the token is printed once and stored hashed.')
    .option('--scopes <list>', 'comma-separated: serve, ingest, report, admin', 'serve')
    .option('--max-level <level>', 'highest browsing level the key may see: 1, 2, 4, 8 or 16', '1')
    .action((name: string, options: { scopes: string; maxLevel: string }) =>
      withKeys((open) => open.create(name, options.scopes.split(',') as Scope[], Number(options.maxLevel))),
    );
  keys
    .command('list')
    .description('Every key with its scopes, without its token.')
    .action(() => withKeys((open) => open.list()));
  keys
    .command('revoke <id>')
    .description('End a key; replicas notice within seconds.')
    .action((id: string) => withKeys(async (open) => ({ id, revoked: await open.revoke(id) })));
}

async function withKeys(work: (keys: Awaited<ReturnType<typeof openKeys>>) => Promise<unknown>) {
  const { config, log } = commandSetup();
  const db = await openDatabase(config, log);
  try {
    await report(await work(await openKeys(db)), true);
  } finally {
    await db.close();
  }
}
