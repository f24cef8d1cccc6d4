import type { Command } from 'commander';
import { openDatabase } from '../db/index.ts';
import { listArtifacts, promote, rollback } from '../models/index.ts';
import { challenge } from '../promotion/index.ts';
import { openStore } from '../store.ts';
import { commandSetup, report } from './output.ts';

/** `models list|promote|rollback`: what `/admin/models` does, from a terminal. */
export function addModelsCommands(program: Command): void {
  const models = program.command('models').description('Artifacts that were made, and which are in force.');
  models
    .command('list [kind]')
    .description('Every version, newest first.')
    .action((kind?: string) =>
      withDatabase(async (db) =>
        (await listArtifacts(db, kind)).map(({ manifest: _files, ...artifact }) => artifact),
      ),
    );
  models
    .command('promote <kind> <version>')
    .description('Put a version in force; replicas take it up within seconds.')
    .action((kind: string, version: string) =>
      withDatabase(async (db) => ({ kind, version: (await promote(db, kind, version)).version })),
    );
  models
    .command('judge <kind> <version>')
    .description(
      'Promote a candidate if the log since its training says that it is better; else say why not.',
    )
    .action(judge);
  models
    .command('rollback <kind>')
    .description('Put the version before back in force; from the first one on none is, and defaults serve.')
    .action((kind: string) =>
      withDatabase(async (db) => ({ kind, version: (await rollback(db, kind))?.version ?? null })),
    );
}

async function judge(kind: string, version: string): Promise<void> {
  const { config, log } = commandSetup();
  const store = await openStore(config, log);
  try {
    const gate = { ...store, home: config.HAMLET_HOME, margin: config.PROMOTION_MARGIN, log };
    await report(await challenge(gate, kind, version), true);
  } finally {
    await store.close();
  }
}

async function withDatabase(work: (db: Awaited<ReturnType<typeof openDatabase>>) => Promise<unknown>) {
  const { config, log } = commandSetup();
  const db = await openDatabase(config, log);
  try {
    await report(await work(db), true);
  } finally {
    await db.close();
  }
}
