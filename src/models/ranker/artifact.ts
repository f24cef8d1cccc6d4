import { join } from 'node:path';
import type { ItemKind } from '../../catalog/types.ts';
import { ANSWERS_FILE, checkAnswers } from '../answers.ts';
import { artifactInvalid, verifyArtifact } from '../artifact.ts';

const CONTRACT = 'ranker/1';
const KIND = /^ranker-(image|model)$/;
const NETWORK = 'ranker.onnx';
const NAME = /^[a-z][a-z-]{0,39}$/;

/** A trained ranker as it lies in its folder, checked. */
export type RankerArtifact = { version: string; kind: ItemKind; network: string; features: string[] };

/**
 * Reads a folder, whatever is in it: digests, the names of its features, and its answers to its stored questions
 * (within 1e-4).
 * @param known features that this release fills
 * @throws HamletError `artifact-invalid`, `artifact-pickle` (422)
 */
export async function readRankerArtifact(folder: string, known: readonly string[]): Promise<RankerArtifact> {
  const manifest = await verifyArtifact(folder);
  const require = (holds: boolean, reason: string) => {
    if (!holds) throw artifactInvalid(folder, reason);
  };
  require(manifest.contract === CONTRACT, `it is a ${manifest.contract}, this release reads ${CONTRACT}`);
  const kind = KIND.exec(manifest.kind)?.[1] as ItemKind | undefined;
  if (kind === undefined) throw artifactInvalid(folder, `${manifest.kind} is no kind of ranker`);
  for (const file of [NETWORK, ANSWERS_FILE])
    require(manifest.files[file] !== undefined, `${file} is not in the manifest`);
  const features = String(manifest.parameters.features ?? '').split(' ');
  require(features.every((name) => NAME.test(name)) &&
    new Set(features).size === features.length, 'its features are no names');
  const strange = features.find((name) => !known.includes(name));
  require(strange === undefined, `it ranks by ${strange}, which this release does not know`);
  await checkAnswers(folder, manifest);
  return { version: manifest.version, kind, network: join(folder, NETWORK), features };
}
