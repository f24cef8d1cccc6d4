import { join } from 'node:path';
import type { ItemKind } from '../../catalog/types.ts';
import type { Config } from '../../config.ts';
import type { Database } from '../../db/index.ts';
import { activeArtifact, readTowerArtifact, type TowerArtifact } from '../../models/index.ts';

/**
 * The two towers that make this platform's lists, to make those of the past with. Null where there are none, or where
 * they do not say until when they have learned: they may know what they would be asked.
 * @throws HamletError `artifact-invalid` (422)
 */
export async function towersInForce(
  { db, config }: { db: Database; config: Pick<Config, 'HAMLET_HOME'> },
  kind: ItemKind,
): Promise<TowerArtifact | null> {
  const name = `two-tower-${kind}`;
  const active = await activeArtifact(db, name);
  if (active === null) return null;
  const towers = await readTowerArtifact(join(config.HAMLET_HOME, 'artifacts', `${name}-${active.version}`));
  return towers.until === undefined ? null : towers;
}
