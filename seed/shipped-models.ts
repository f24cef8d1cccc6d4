import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Database } from '../src/db/index.ts';
import { activeArtifact, addArtifact, promote, restoreArtifacts } from '../src/models/index.ts';
import { type WorldSize, worldSize } from './sizes.ts';

const FOLDER = resolve(import.meta.dirname, '../weights/world');

/**
 * Enters the models that were trained on this very world's log and ship with it, and puts each in force where nothing
 * of its kind is. What an operator rolled back stays out.
 * @returns kinds that were put in force; none for another world, whose items they do not know
 */
export async function serveShippedModels(
  { db, home }: { db: Database; home: string },
  world: WorldSize,
  folder = FOLDER,
): Promise<string[]> {
  if (JSON.stringify(world) !== JSON.stringify(worldSize('full', 1))) return [];
  if (!existsSync(join(folder, 'artifacts'))) return [];
  const served: string[] = [];
  for (const name of await restoreArtifacts(folder, home)) {
    const { kind, version, state } = await addArtifact(db, home, name);
    if (state !== 'candidate' || (await activeArtifact(db, kind)) !== null) continue;
    await promote(db, kind, version);
    served.push(kind);
  }
  return served;
}
