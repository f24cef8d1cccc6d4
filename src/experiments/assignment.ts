import type { ItemKind } from '../catalog/types.ts';
import type { Assign, Assigned, Assignment, PipelineOverrides } from '../recommend/types.ts';
import { bucketOf, bucketRanges, type Range, rangeOf } from './hash.ts';
import { meets } from './people.ts';
import { type Definition, type Experiment, INTERLEAVED, labelOf } from './types.ts';

/** Whether a person has been shown a list of this variant: what the impression log says. */
export type WasShown = (label: string, userId: string) => Promise<boolean>;

/**
 * Who gets which pipeline, from the experiments in force and the hash of the person's id: the same on every
 * replica. Where an experiment is aimed at some people, whoever meets its condition comes in, and whoever
 * was shown a list of it stays, whatever became of them. At most one running experiment reaches a list
 * (`checkStart` sees to it).
 *
 * @param experiments running and promoted ones, the promoted in the order of their promotion
 */
export function assignmentBy(experiments: Experiment[], wasShown: WasShown): Assign {
  const promoted = experiments.filter(({ state }) => state === 'promoted').map(toDefault);
  const running = experiments.filter(({ state }) => state === 'running').map(toRule);
  const defaults = new Defaults(promoted);
  return async (person, surface, kind) => {
    const userId = person.id;
    const base = defaults.of(surface, kind, person);
    for (const rule of running) {
      if (!reaches(rule.targeting, surface, kind) || rule.excluded.has(userId)) continue;
      if (rule.layer && rangeOf(bucketOf(rule.layer.seed, userId), [rule.layer.range]) < 0) continue;
      const place = rangeOf(bucketOf(rule.seed, userId), rule.ranges);
      const variant = rule.variants[place];
      if (!variant) continue;
      const people = rule.targeting?.people;
      if (!people || meets(person, people) || (await wasShown(variant.label, userId)))
        return base.with(variant);
    }
    return base.assignment;
  };
}

/** Null in the place of a variant that is paused: its people get what everyone gets. */
type Variant = { label: string; overrides: readonly PipelineOverrides[] };
type Rule = {
  targeting: Definition['targeting'];
  excluded: ReadonlySet<string>;
  layer: { seed: string; range: Range } | undefined;
  seed: string;
  ranges: Range[];
  variants: (Variant | null)[];
};

function toRule({ key, version, coverage, pausedVariants, definition }: Experiment): Rule {
  const { variants, targeting, layer, seed = key, mode } = definition;
  const overrides = variants.map((variant) => variant.overrides ?? {});
  const mixed = { label: labelOf(key, version, INTERLEAVED), overrides };
  const apart = variants.map(({ key: variant }, i) =>
    Object.hasOwn(pausedVariants, variant)
      ? null
      : { label: labelOf(key, version, variant), overrides: [overrides[i]!] },
  );
  return {
    ...{ targeting, excluded: new Set(targeting?.excludeUsers), seed },
    layer: layer && { seed: layer.name, range: [layer.from, layer.to] },
    ranges:
      mode === 'interleaving'
        ? [[0, coverage]]
        : bucketRanges(
            variants.map(({ weight }) => weight),
            coverage,
          ),
    variants: mode === 'interleaving' ? [apart.includes(null) ? null : mixed] : apart,
  };
}

function toDefault({ winner, definition }: Experiment) {
  const variant = definition.variants.find(({ key }) => key === winner);
  return { targeting: definition.targeting, overrides: variant?.overrides ?? {} };
}

const reaches = (targeting: Definition['targeting'], surface: string, kind: ItemKind): boolean =>
  (targeting?.kinds?.includes(kind) ?? true) && (targeting?.surfaces?.includes(surface) ?? true);

/** The default pipeline of a place: what was promoted there, the later over the earlier. Made once each. */
class Defaults {
  readonly #promoted: ReturnType<typeof toDefault>[];
  readonly #bases = new Map<string, Base>();

  constructor(promoted: ReturnType<typeof toDefault>[]) {
    this.#promoted = promoted;
  }

  of(surface: string, kind: ItemKind, person: Assigned): Base {
    let mask = '';
    for (const { targeting } of this.#promoted)
      mask +=
        reaches(targeting, surface, kind) && (!targeting?.people || meets(person, targeting.people))
          ? '1'
          : '0';
    let base = this.#bases.get(mask);
    if (base === undefined) {
      const overrides = this.#promoted.filter((_, i) => mask[i] === '1').map((one) => one.overrides);
      base = new Base(overrides.reduce<PipelineOverrides>(over, {}));
      this.#bases.set(mask, base);
    }
    return base;
  }
}

class Base {
  readonly assignment: Assignment;
  readonly #overrides: PipelineOverrides;
  readonly #variants = new Map<Variant, Assignment>();

  constructor(overrides: PipelineOverrides) {
    this.#overrides = overrides;
    this.assignment = { variant: 'default', pipelines: [overrides] };
  }

  with(variant: Variant): Assignment {
    let assignment = this.#variants.get(variant);
    if (assignment === undefined) {
      const pipelines = variant.overrides.map((overrides) => over(this.#overrides, overrides));
      assignment = { variant: variant.label, pipelines: pipelines as unknown as Assignment['pipelines'] };
      this.#variants.set(variant, assignment);
    }
    return assignment;
  }
}

const over = (base: PipelineOverrides, more: PipelineOverrides): PipelineOverrides => ({
  ...{ ...base, ...more },
  ...((base.weights || more.weights) && { weights: { ...base.weights, ...more.weights } }),
  ...((base.artifacts || more.artifacts) && { artifacts: { ...base.artifacts, ...more.artifacts } }),
});
