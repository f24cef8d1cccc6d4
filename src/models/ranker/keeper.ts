import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Database } from '../../db/index.ts';
import type { Log } from '../../log.ts';
import { keepInForce, type ModelsInForce } from '../in-force.ts';
import { type RankerArtifact, readRankerArtifact } from './artifact.ts';
import type { Ranker } from './types.ts';

export type Rankers = ModelsInForce<Ranker>;

/** The rankers in force. @param parts.features names this release fills */
export function openRankers(parts: {
  db: Database;
  home: string;
  features: readonly string[];
  log: Log;
  watchMs?: number;
}): Promise<Rankers> {
  const { home, features } = parts;
  return keepInForce({
    ...parts,
    name: 'ranker',
    artifactKind: (kind) => `ranker-${kind}`,
    async open(kind, version) {
      const folder = join(home, 'artifacts', `ranker-${kind}-${version}`);
      const ranker = await openRanker(await readRankerArtifact(folder, features));
      await ranker.score(new Float32Array(ranker.features.length), 1);
      return ranker;
    },
  });
}

/**
 * In the thread that makes lists: a few hundred rows through a network of a thousand weights take less time than
 * sending them elsewhere.
 */
export async function openRanker({ version, network, features }: RankerArtifact): Promise<Ranker> {
  const session = await InferenceSession.create(network, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  let asked: Promise<unknown> = Promise.resolve();
  return {
    version,
    features,
    async score(values, count) {
      const running = session.run({ features: new Tensor('float32', values, [count, features.length]) });
      asked = running.catch(() => {});
      return (await running).scores!.data as Float32Array;
    },
    async close() {
      await asked;
      await session.release();
    },
  };
}
