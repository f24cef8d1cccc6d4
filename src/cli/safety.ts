import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { referencePicture, worldPictures } from '../../seed/reference-pictures.ts';
import {
  checkSafety,
  classificationReport,
  type HarmlessSet,
  type Reference,
} from '../classification/index.ts';
import { HamletError } from '../errors.ts';
import { openStore } from '../store.ts';
import { commandSetup, progressBar, report } from './output.ts';
import { whole } from './whole.ts';

type Options = { world: number; pictures?: HarmlessSetFolder[]; json?: string };
type HarmlessSetFolder = { name: string; folder: string };

const REFERENCE = resolve(import.meta.dirname, '../../weights/safety/reference.json');

/** `safety check`: what the classifiers are worth on pictures that are known to be harmless. */
export const addSafetyCommand = (program: Command) =>
  program
    .command('safety')
    .description('What classifiers are worth.')
    .command('check')
    .description(
      'False alarms on harmless pictures, speed, and the difference to the reference implementation.',
    )
    .option('--world <n>', 'renders of the demo world', whole(1, 3_000), 600)
    .option('--pictures <name=folder>', 'a set of harmless pictures of yours; may be given again', addFolder)
    .option('--json <file>', 'where the report goes; standard output without it')
    .action(async ({ world, pictures = [], json }: Options) => {
      const { config, log } = commandSetup();
      const parts = await openStore(config, log);
      try {
        const { judge, rule, problem } = parts.safety;
        if (judge === null) throw problem ?? new HamletError('classifier-missing', 500, 'Set CLASSIFIERS.');
        const renders = worldPictures(world).map((id) => ({ name: id, source: `/pictures/${id}.webp` }));
        const sets = [{ name: 'world', pictures: renders }, ...(await Promise.all(pictures.map(readSet)))];
        const bar = progressBar('safety check');
        const checked = await checkSafety(
          { ...parts, judge, rule },
          sets,
          await readReference(),
          bar.update,
        ).finally(bar.stop);
        const { held, disputed } = await classificationReport(parts.db, judge.id);
        await report({ ...checked, held, disputed }, json);
      } finally {
        await parts.close();
      }
    });

async function readSet({ name, folder }: HarmlessSetFolder): Promise<HarmlessSet> {
  const files = (await readdir(folder)).sort();
  const pictures = files.map(async (file) => ({ name: file, source: await readFile(join(folder, file)) }));
  return { name, pictures: await Promise.all(pictures) };
}

async function readReference(): Promise<{ set: HarmlessSet; scores: Reference }> {
  const { pictures, scores } = JSON.parse(await readFile(REFERENCE, 'utf8')) as {
    pictures: string[];
    scores: Reference;
  };
  const drawn = pictures.map(async (id) => ({ name: id, source: await referencePicture(id) }));
  return { set: { name: 'reference', pictures: await Promise.all(drawn) }, scores };
}

function addFolder(text: string, before: HarmlessSetFolder[] = []): HarmlessSetFolder[] {
  const [, name, folder] = /^([\w.-]+)=(.+)$/u.exec(text) ?? [];
  if (name === undefined || folder === undefined) throw new InvalidArgumentError('NAME=FOLDER');
  return [...before, { name, folder }];
}
