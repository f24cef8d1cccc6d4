import type pg from 'pg';
import { metricsOf } from '../metrics.ts';
import { type Definition, type Experiment, labelOf } from '../types.ts';
import { compareMetrics, compareSegments, type MetricData, overTime, type Variants } from './compare.ts';
import { type Grouped, readByAttribute, readByDay, readByHistory } from './read.ts';
import type { Window } from './windows.ts';

/** The variants of one window against the control, from `measured` over it (people.ts). */
export async function compareIn(client: pg.ClientBase, experiment: Experiment, window: Window) {
  const { key, version, definition } = experiment;
  const { alpha = 0.05 } = definition;
  const compared: Variants = [definition.variants[0]!.key, ...window.variants].map((variant) => ({
    key: variant,
    label: labelOf(key, version, variant),
  }));
  const data: MetricData[] = [];
  for (const measured of metricsOf(definition))
    data.push({ ...measured, rows: await readByDay(client, measured.metric) });
  const segments = await readSegments(client, data[0]!, definition);
  return {
    metrics: compareMetrics(data, compared, alpha),
    days: overTime(data[0]!, compared, alpha),
    segments: compareSegments(segments, compared, alpha),
  };
}

async function readSegments(client: pg.ClientBase, { metric }: MetricData, definition: Definition) {
  const segments: { segment: string; rows: Grouped[] }[] = [
    { segment: 'history before the start', rows: await readByHistory(client, metric) },
  ];
  for (const attribute of definition.segments ?? [])
    segments.push({ segment: attribute, rows: await readByAttribute(client, metric, attribute) });
  return segments;
}
