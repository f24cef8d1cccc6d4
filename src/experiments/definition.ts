import { badInput, HamletError } from '../errors.ts';
import { unknownStages } from '../recommend/index.ts';
import { metricsOf } from './metrics.ts';
import { checkPeople } from './people.ts';
import type { Definition, Experiment } from './types.ts';

const WEIGHT_SLACK = 1e-6;

/**
 * What a definition must hold beyond its schema, whenever it is written down.
 * @throws HamletError `weights-invalid`, `variants-invalid`, `layer-invalid`, `condition-invalid`, `metric-unknown`, `metric-invalid` (400)
 */
export function checkDefinition(definition: Definition): void {
  const { variants, layer, mode = 'ab' } = definition;
  const sum = variants.reduce((total, { weight }) => total + weight, 0);
  if (Math.abs(sum - 1) > WEIGHT_SLACK)
    throw badInput('weights-invalid', `The weights sum to ${sum}, not to 1.`, '/variants');
  const empty = variants.findIndex(({ weight }) => weight === 0);
  if (empty >= 0)
    throw badInput('weights-invalid', 'A variant without weight has nobody.', `/variants/${empty}/weight`);
  if (new Set(variants.map(({ key }) => key)).size < variants.length)
    throw badInput('variants-invalid', 'Two variants have the same key.', '/variants');
  if (mode === 'interleaving' && variants.length !== 2)
    throw badInput('variants-invalid', 'Interleaving compares exactly two variants.', '/variants');
  if (layer && !(layer.from < layer.to))
    throw badInput('layer-invalid', 'A layer’s part goes from a lower share to a higher one.', '/layer');
  checkPeople(definition.targeting?.people ?? {});
  metricsOf(definition);
}

/**
 * What must exist when an experiment starts.
 * @param hasArtifact whether the registry holds a version that may serve
 * @throws HamletError `stage-unknown`, `artifact-unknown` (400), `experiments-overlap` (409)
 */
export async function checkStart(
  key: string,
  definition: Definition,
  running: Pick<Experiment, 'key' | 'definition'>[],
  hasArtifact: (kind: string, version: string) => Promise<boolean>,
): Promise<void> {
  for (const [i, { overrides = {} }] of definition.variants.entries()) {
    const at = `/variants/${i}/overrides`;
    const [unknown] = unknownStages(overrides);
    if (unknown) throw badInput('stage-unknown', unknown.detail, at + unknown.pointer);
    for (const [kind, version] of Object.entries(overrides.artifacts ?? {}))
      if (!(await hasArtifact(kind, version)))
        throw badInput(
          'artifact-unknown',
          `No artifact ${kind} ${version} may serve.`,
          `${at}/artifacts/${kind}`,
        );
  }
  const other = running.find((one) => one.key !== key && mayMeet(definition, one.definition));
  if (other)
    throw new HamletError(
      'experiments-overlap',
      409,
      `People could be in ${other.key} and here at once: give both a part of one layer, or other kinds or surfaces.`,
      { pointer: '/layer' },
    );
}

/** Whether one list could fall to both. */
function mayMeet(a: Definition, b: Definition): boolean {
  const share = <T>(one: T[] | undefined, other: T[] | undefined) =>
    !one || !other || one.some((value) => other.includes(value));
  if (!share(a.targeting?.kinds, b.targeting?.kinds)) return false;
  if (!share(a.targeting?.surfaces, b.targeting?.surfaces)) return false;
  if (!a.layer || !b.layer || a.layer.name !== b.layer.name) return true;
  return a.layer.from < b.layer.to && b.layer.from < a.layer.to;
}
