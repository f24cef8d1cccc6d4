import t from 'tap';
import { FORMATS, planZoo } from '../../../seed/zoo.ts';

const zoo = planZoo(240, 1);
const shares = <T>(values: T[]) =>
  new Map(
    [...new Set(values)].map((value) => [value, values.filter((v) => v === value).length / values.length]),
  );

t.test('the same seed plans the same zoo, and a smaller one has the first of a larger one', async (t) => {
  t.same(planZoo(240, 1), zoo);
  t.same(planZoo(40, 1), zoo.slice(0, 40));
  t.notSame(planZoo(40, 2), planZoo(40, 1));
});

t.test('every style has LoRAs of different data, rank and strength', async (t) => {
  const styles = Map.groupBy(zoo, ({ styles }) => styles[0]!.style);
  t.equal(styles.size, 16);
  for (const [style, entries] of styles) {
    t.equal(entries.length, 15, style);
    t.equal(new Set(entries.map(({ dataSeed }) => dataSeed)).size, 15);
    t.ok(new Set(entries.map(({ rank }) => rank)).size >= 3, `${style} has several ranks`);
    t.ok(new Set(entries.map(({ strength }) => strength)).size >= 10, `${style} has several strengths`);
  }
});

t.test('each entry can be trained as it says', async (t) => {
  for (const { id, styles, rank, alpha, steps, strength, trigger } of zoo) {
    t.ok(rank >= 1 && rank <= 16 && alpha > 0 && alpha <= rank, id);
    t.ok(steps >= 14 && steps <= 60 && steps === Math.round(36 * strength), id);
    t.ok(Math.abs(styles.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9, id);
    t.ok(
      styles.every(({ weight }) => weight <= styles[0]!.weight),
      `${id}: the main style is the first`,
    );
    t.equal(trigger.split(', ').length, styles.length);
  }
});

t.test('all layouts are there, most of them the common three', async (t) => {
  const found = shares(zoo.map(({ format }) => format));
  t.same([...found.keys()].sort(), [...FORMATS].sort());
  const common = found.get('kohya')! + found.get('diffusers')! + found.get('peft')!;
  t.ok(common > 0.75 && common < 0.95, `${common} are common`);
});
