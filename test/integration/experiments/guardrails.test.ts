import t from 'tap';
import { pauseHarmful } from '../../../src/experiments/guardrails.ts';
import { openExperiments } from '../../../src/experiments/index.ts';
import { silentLog } from '../../../src/log.ts';
import { seededRandom } from '../../../src/recommend/index.ts';
import { testDatabase } from '../../support/database.ts';
import { definition } from '../../support/experiments.ts';
import { plantLog } from '../../support/planted-log.ts';

const db = await testDatabase(t);
const parts = { db, graphs: { pin: async () => {} }, config: { HAMLET_HOME: t.testdir() }, log: silentLog };
const experiments = await openExperiments(parts);
t.teardown(() => experiments.close());

/** A running experiment whose second variant makes people hide with this probability a list; the first: .1. */
async function running(key: string, hides: number): Promise<void> {
  const guardrails = [{ metric: 'hide-rate', maxHarm: 0.1 }];
  const layer = { name: key, from: 0, to: 1 };
  const targeting = { surfaces: [key] };
  await experiments.put(key, definition({ metrics: { primary: 'ctr', guardrails }, layer, targeting }));
  await experiments.start(key);
  const random = seededRandom(3);
  const lists = Array.from({ length: 1200 }, (_, n) => ({
    ...{ person: `${key}-${n}`, variant: `${key}@1:${n % 2 ? 'diverse' : 'control'}`, at: new Date() },
    deeds: random.next() < (n % 2 ? hides : 0.1) ? [{ type: 'hide' as const, after: 0 }] : [],
  }));
  await plantLog(db, lists);
}

t.test('a breach pauses the variant, once, and the history says why', async (t) => {
  await running('harmful', 0.4);
  t.match(await pauseHarmful(db, silentLog), [
    { key: 'harmful', breach: { metric: 'hide-rate', variant: 'diverse' } },
  ]);
  const { state, pausedVariants } = await experiments.get('harmful');
  t.equal(state, 'running');
  t.match(pausedVariants, { diverse: { reason: /guardrail hide-rate: worse by at least \d+/u } });
  t.match((await experiments.changes('harmful')).at(-1), {
    change: 'paused',
    detail: { variant: 'diverse' },
  });
  t.same(await pauseHarmful(db, silentLog), []);
  t.match(await experiments.report('harmful'), { verdicts: [{ decision: 'harmful', variant: 'diverse' }] });
});

t.test('a variant that is paused leaves the others watched, each over its own time', async (t) => {
  const [control, diverse] = definition().variants;
  const variants = [control!, { ...diverse!, weight: 0.25 }, { key: 'other', weight: 0.25 }];
  const metrics = { primary: 'ctr', guardrails: [{ metric: 'hide-rate', maxHarm: 0.1 }] };
  await experiments.put('three', definition({ variants, metrics, targeting: { surfaces: ['three'] } }));
  await experiments.start('three');
  await experiments.pause('three', 'diverse');
  const random = seededRandom(5);
  const hidden = (chance: number) => (random.next() < chance ? [{ type: 'hide' as const, after: 0 }] : []);
  await plantLog(
    db,
    Array.from({ length: 1200 }, (_, n) => ({
      ...{ person: `three-${n}`, variant: `three@1:${n % 3 ? 'control' : 'other'}`, at: new Date() },
      deeds: hidden(n % 3 ? 0.1 : 0.4),
    })),
  );
  t.match(await pauseHarmful(db, silentLog), [{ breach: { variant: 'other', metric: 'hide-rate' } }]);
  const report = await experiments.report('three');
  t.match(report, {
    windows: [{ variants: ['other'], ended: /^other was paused/u }, { variants: ['diverse'] }],
    verdicts: [
      { decision: 'no data', variant: 'diverse' },
      { decision: 'harmful', variant: 'other' },
    ],
    sampleRatio: { observed: [800, 0, 400], mismatch: false },
  });
});

t.test('harm within tolerance and chance leaves the variant alone', async (t) => {
  await running('harmless', 0.1);
  t.same(await pauseHarmful(db, silentLog), []);
  t.match(await experiments.report('harmless'), { guardrails: [{ state: 'watched' }] });
});
