import type { StageTrace } from './types.ts';

/** Times one run of a stage into its entry; a second run (the fallback's) adds to the first. */
export function stopwatch(stages: StageTrace[], stage: string, entering: number) {
  let entry = stages.find((known) => known.stage === stage);
  if (entry === undefined) {
    entry = { stage, in: 0, out: 0, ms: 0 };
    stages.push(entry);
  }
  const { removed: reasons = {} } = entry;
  const started = performance.now();
  return (leaving: number, removed: { reason: string }[] = []) => {
    entry.in += entering;
    entry.out += leaving;
    entry.ms += performance.now() - started;
    if (removed.length === 0) return;
    for (const { reason } of removed) reasons[reason] = (reasons[reason] ?? 0) + 1;
    entry.removed = reasons;
  };
}
