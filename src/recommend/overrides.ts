import { BLEND } from './blend.ts';
import { contentInMemory } from './content.ts';
import { defaultPipeline, type PipelineSettings, REDUNDANCY_COST } from './default-pipeline.ts';
import type { Features, Pipeline, PipelineOverrides } from './types.ts';

/** The stages an override can name, whatever a deployment has switched on. */
const WHOLE = defaultPipeline({
  settings: { LIST_DEPTH: 100, DRAW_SHARE: 0, DRAW_TEMPERATURE: 1, DRAW_TOP: 50, EXPLORE_SHARE: 0.05 },
  content: contentInMemory(new Map()),
  neighbours: () => [],
  places: { content: contentInMemory(new Map()), neighbours: () => [] },
});
const KNOWN = {
  sources: WHOLE.sources.map(({ name }) => name),
  scorers: WHOLE.scorers.map(({ name }) => name),
  weights: Object.keys(BLEND.weights),
};

/** What in these overrides does not exist: JSON pointer and reason. Empty when all can be applied. */
export function unknownStages(overrides: PipelineOverrides): { pointer: string; detail: string }[] {
  const named = {
    sources: overrides.sources ?? [],
    scorers: overrides.scorers ?? [],
    weights: Object.keys(overrides.weights ?? {}),
  };
  const unknown = Object.entries(named).flatMap(([field, names]) => {
    const known = KNOWN[field as keyof typeof KNOWN];
    return names
      .filter((name) => !known.includes(name))
      .map((name) => ({
        pointer: `/${field}`,
        detail: `there is no ${name}; there are ${known.join(', ')}`,
      }));
  });
  if (overrides.sources?.length === 0)
    unknown.push({ pointer: '/sources', detail: 'a list needs at least one source' });
  return unknown;
}

/** The default pipeline with these parts of it replaced. Safety filters cannot be overridden. */
export function pipelineWith(
  parts: Parameters<typeof defaultPipeline>[0],
  overrides: PipelineOverrides,
): Pipeline {
  const { settings } = parts;
  const given: PipelineSettings = {
    LIST_DEPTH: overrides.depth ?? settings.LIST_DEPTH,
    DRAW_SHARE: overrides.drawShare ?? settings.DRAW_SHARE,
    DRAW_TEMPERATURE: overrides.drawTemperature ?? settings.DRAW_TEMPERATURE,
    DRAW_TOP: overrides.drawTop ?? settings.DRAW_TOP,
    EXPLORE_SHARE: overrides.exploreShare ?? settings.EXPLORE_SHARE,
  };
  const named = (weights: Features) => ({ ...weights, ...overrides.weights });
  const byHand = {
    ...{ version: `${BLEND.version}+override`, weights: named(BLEND.weights) },
    besideTowers: named(BLEND.besideTowers),
  };
  const whole = defaultPipeline({
    ...parts,
    settings: given,
    redundancyCost: overrides.redundancyCost ?? REDUNDANCY_COST,
    blend: overrides.weights ? byHand : BLEND,
  });
  const keep = <T extends { name: string }>(stages: T[], names: string[] | undefined) =>
    names === undefined ? stages : stages.filter(({ name }) => names.includes(name));
  return {
    ...whole,
    byHand: overrides.weights !== undefined,
    sources: keep(whole.sources, overrides.sources),
    scorers: keep(whole.scorers, overrides.scorers),
    versions: { ...whole.versions, ...overrides.artifacts },
  };
}
