import type { CostFigures, Estimate, RankerFigures } from './figures.ts';
import type { RerankReport } from './index.ts';

/** What a report says, as lines to read: a row a ranker, for each way of handing the lists over. */
export function rerankTable(report: RerankReport): string {
  const { kind, part, seed, model, lists, people, byClientOrder, spread } = report;
  const lines = [`${lists} lists of ${people} people (${kind}s, ${part}, seed ${seed}), ranked by ${model}`];
  for (const [client, { rankers, cost }] of Object.entries(byClientOrder)) {
    lines.push('', rowOf([client, 'Recall@5', 'NDCG@5', 'Recall@5 over base', 'by place of the liked item']));
    for (const [name, figures] of Object.entries(rankers)) lines.push(rowOf([name, ...cellsOf(figures)]));
    lines.push(costOf(cost));
  }
  for (const [pair, differences] of Object.entries(spread)) {
    const told = Object.entries(differences).map(([name, value]) => `${name} ${signed(value)}`);
    lines.push('', `NDCG@5 ${pair}: ${told.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

const WIDTHS = [30, 22, 22, 25];
const rowOf = (cells: string[]): string =>
  cells.map((cell, column) => cell.padEnd(WIDTHS[column] ?? 0)).join('  ');

function cellsOf({ overBase, byGoldPlace, ...figures }: RankerFigures): string[] {
  const within = ({ mean, low, high }: Estimate, of: (value: number) => string) =>
    `${of(mean)} [${of(low)}, ${of(high)}]`;
  return [
    within(figures['Recall@5'], fixed),
    within(figures['NDCG@5'], fixed),
    within(overBase, signed),
    byGoldPlace.map(fixed).join(' '),
  ];
}

function costOf({ calls, tokens, seconds, kendallTau, ...shares }: CostFigures): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const ofCalls = `${percent(shares.malformed)} malformed, ${percent(shares.failed)} came to nothing`;
  const aList = `${calls.toFixed(1)} calls, ${Math.round(tokens)} tokens, ${seconds.toFixed(2)} s a list`;
  return `  ${aList}; ${ofCalls}; Kendall's tau between orders ${fixed(kendallTau)}`;
}

const fixed = (value: number): string => value.toFixed(3);
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
