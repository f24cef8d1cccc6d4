import t from 'tap';
import { TRAININGS } from '../../schemas/training.ts';
import { SHIPPED_BASE, shippedLora } from '../../seed/index.ts';
import { openW2w } from '../../src/w2w/index.ts';
import { testDatabase } from '../support/database.ts';
import { openReplica } from '../support/events.ts';
import { startSidecar } from '../support/sidecar.ts';
import { openTestTrainings, over, until } from '../support/trainings.ts';

t.setTimeout(1_200_000);

t.test('LoRAs of the zoo become a space on a sidecar, each format among them', async (t) => {
  const home = t.testdir();
  const sidecar = await startSidecar(t, home, { jobs: 'hamlet_sidecar.jobs.registry' });
  const db = await testDatabase(t);
  const { catalog } = await openReplica(t, db);
  // kohya, PEFT with its folder, diffusers, LoCon, LoHa, LoKr and DoRA.
  const ids = [1, 103, 102, 117, 116, 127, 161, 10].map((n) => `lora-1-${n}`);
  await catalog.put(
    ids.map((id) => ({ kind: 'model' as const, id, browsingLevel: 1, licence: { derivatives: true } })),
    { mode: 'unknown' },
  );
  const trainings = await openTestTrainings(t, db, home, [sidecar.url], { kinds: TRAININGS });
  const shipped = { lora: shippedLora(), base: SHIPPED_BASE };
  const w2w = openW2w({ db, home, trainings, shipped });
  const { id } = await w2w.startSpace({ method: 'attn_v', dimensions: 4 });
  const training = await until(trainings, id, over);
  t.equal(training.error, null);
  const space = await w2w.usableSpace(id);
  t.match(space, { state: 'ready', members: ids.length, leftOut: {} });
  t.match(space.figures, { members: ids.length, leftOut: {}, dimensions: 4, layers: 14 });
  t.equal(space.artifact, (training.result as { artifact: string }).artifact);
});
