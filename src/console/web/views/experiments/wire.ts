/** Of an experiment's report and plan, which the wire leaves open, what is shown. */
type Interval = [low: number, high: number];
type Effect = {
  control: number;
  value: number;
  difference: number;
  fixed: { interval: Interval; p: number };
  sequential: { interval: Interval; excludesZero: boolean };
};
export type Report = {
  mode: 'ab';
  period: { from: string; until: string };
  alpha: number;
  people: { label: string; seen: number; bots: number; crossed: number; kept: number }[];
  sampleRatio: { observed: number[]; expected: number[]; p: number; mismatch: boolean };
  metrics: {
    metric: string;
    role: 'primary' | 'secondary' | 'guardrail';
    better: 'higher' | 'lower';
    variant: string;
    people: [number, number];
    cuped: Effect & { reduction: number };
    minimumDetectable: number | null;
  }[];
  guardrails: {
    metric: string;
    variant: string;
    maxHarm: number;
    harm: number;
    leastHarm: number;
    state: string;
  }[];
  overTime: {
    day: string;
    variant: string;
    people: [number, number];
    soFar: { difference: number; sequence: Interval };
  }[];
  exploratory: {
    segment: string;
    group: string;
    variant: string;
    people: [number, number];
    difference: number;
    interval: Interval;
    adjustedP: number;
  }[];
  verdicts: { decision: string; variant: string | null; reasons: string[] }[];
  assumptions: string[];
};
export type Plan = {
  metric: string;
  baseline: { people: number; days: number; value: number; deviation: number } | null;
  alpha: number;
  power: number;
  peopleNeeded: number | null;
  minimumEffect: number;
  minimumDetectable: { days: number; people: number; effect: number }[];
  assumptions: string[];
};
