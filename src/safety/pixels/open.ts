import { HamletError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Sidecars } from '../../sidecar/index.ts';
import { type LevelRule, openRule, type SafetyRule } from '../rule.ts';
import { judgeOf, type PixelClassifier, type PixelJudge } from './classifier.ts';
import { readManifest } from './manifest.ts';
import { nsfwjsManifest } from './nsfwjs.ts';
import { openOnnxClassifier } from './onnx.ts';
import { openNsfwOnSidecar } from './open-nsfw.ts';

/** The rule in force, and who looks at pictures: nobody when one of those configured cannot be opened. */
export type Safety = { rule: SafetyRule; judge: PixelJudge | null; problem: HamletError | null };

/**
 * @param setting comma-separated: `nsfwjs` runs here, `open-nsfw` on a sidecar, else the folder of an ONNX classifier
 */
export async function openSafety(
  setting: string,
  { sidecars, home, log }: { sidecars: Sidecars; home: string; log: Log },
): Promise<Safety> {
  const names = setting.split(',').flatMap((name) => name.trim() || []);
  const added: Record<string, LevelRule[]> = {};
  const open = async (name: string): Promise<PixelClassifier> => {
    if (name === 'nsfwjs') return openOnnxClassifier({ ...(await nsfwjsManifest()), levels: [] }, 'nsfwjs');
    if (name === 'open-nsfw') return openNsfwOnSidecar(sidecars, home);
    const { model, ...manifest } = await readManifest(name);
    added[manifest.name] = manifest.levels;
    return openOnnxClassifier(manifest, model);
  };
  try {
    const classifiers: PixelClassifier[] = [];
    for (const name of names) classifiers.push(await open(name));
    if (classifiers.length === 0) throw new HamletError('classifier-missing', 500, 'CLASSIFIERS names none.');
    return { rule: openRule(added), judge: judgeOf(classifiers), problem: null };
  } catch (error) {
    if (!(error instanceof HamletError)) throw error;
    log.warn({ err: error }, 'no picture is classified: what waits for it stays held');
    return { rule: openRule(added), judge: null, problem: error };
  }
}
