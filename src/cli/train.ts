import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { offerPictures } from '../embedding/index.ts';
import { HamletError } from '../errors.ts';
import { openJobs } from '../jobs/index.ts';
import { prepareImpressions } from '../ranking/index.ts';
import { openSidecars } from '../sidecar/index.ts';
import { openStore } from '../store.ts';
import { openTrainings } from '../trainings/index.ts';
import { commandSetup, progressBar, report } from './output.ts';
import { addTrainRanker } from './train-ranker.ts';
import { addTrainSasrec } from './train-sasrec.ts';
import { addTrainTwoTower } from './train-two-tower.ts';

/** `train item-graph` on this machine, `train on-sidecar KIND` on a sidecar. */
export function addTrainCommands(program: Command): void {
  const train = program.command('train').description('Make an artifact from the log or from pictures.');
  train
    .command('item-graph')
    .description('Neighbours, transitions, popularity and trend of items; runs here, and is promoted.')
    .action(async () => {
      const { config, log } = commandSetup();
      const store = await openStore(config, log);
      try {
        const bar = progressBar('item-graph');
        const images = await store.graphs.rebuild('image', bar.update);
        const models = await store.graphs.rebuild('model', bar.update);
        bar.stop();
        await report({ image: images, model: models }, true);
      } finally {
        await store.close();
      }
    });
  addTrainSasrec(train);
  addTrainRanker(train);
  addTrainTwoTower(train);
  train
    .command('on-sidecar <kind>')
    .description(
      'A training on a sidecar of SIDECAR_URL, watched until it is over; Ctrl-C leaves it to the api.',
    )
    .option('--spec <file>', 'what it asks for, as JSON; nothing without it')
    .option('--json <file>', 'where the training is reported; standard output without it')
    .action(trainOnSidecar);
}

async function trainOnSidecar(kind: string, options: { spec?: string; json?: string }): Promise<void> {
  const spec = options.spec === undefined ? {} : JSON.parse(await readFile(options.spec, 'utf8'));
  const { config, log } = commandSetup();
  const store = await openStore(config, log);
  const jobs = await openJobs(store.db, log);
  const sidecars = openSidecars(config, log);
  const past = { db: store.db, home: config.HAMLET_HOME };
  const prepare = prepareImpressions(past);
  const trainings = await openTrainings({
    ...{ ...past, jobs, sidecars, log, prepare },
    offer: (spec, between) => offerPictures({ ...store, home: config.HAMLET_HOME }, spec, between),
  });
  try {
    const bar = progressBar(kind);
    let training = await trainings.start(kind, spec);
    for (; training.finishedAt === null; training = await trainings.get(training.id)) {
      bar.update(training.progress, training.log.at(-1)?.slice(0, 60));
      await sleep(500);
    }
    bar.stop();
    await report(training, options.json);
    if (training.error) throw new HamletError(training.error.code, 422, training.error.message);
  } finally {
    trainings.stop();
    await jobs.stop();
    await store.close();
  }
}
