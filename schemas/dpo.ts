import { Type } from 'typebox';
import { PAIR_SOURCES } from './training.ts';
import { Attributes, Id, Strict, Text, words } from './words.ts';

const ArtifactName = Text({ minLength: 1, maxLength: 200 });

export const NewPairs = Type.Object(
  {
    source: words(PAIR_SOURCES, {
      description:
        'hps-min-max: best against worst by a scorer in each cluster of prompts; implicit: what is liked by many against what is not, position corrected; user: one person’s likes against what they passed over; crowd: random pairs by their mean like rate; both: scorer and likes together.',
    }),
    userId: Type.Optional(Id),
    topic: Type.Optional(Text({ minLength: 1, maxLength: 200, description: 'Only prompts about it.' })),
    options: Type.Optional({ ...Attributes, description: 'Other fields of a `make-dpo-pairs` spec.' }),
  },
  { ...Strict, examples: [{ source: 'implicit', topic: 'lighthouse' }] },
);

export const NewDpoTraining = Type.Object(
  {
    pairs: { ...ArtifactName, description: 'Name of a `dpo-pairs` artifact.' },
    options: Type.Optional({ ...Attributes, description: 'Other fields of a `train-dpo` spec.' }),
  },
  { ...Strict, examples: [{ pairs: 'dpo-pairs-implicit-0123456789ab' }] },
);

export const DPO_FILES = [
  'adapter.safetensors',
  'before-after.png',
  'contact-sheet.png',
  'curves.json',
  'curves.svg',
  'look.png',
  'manifest.json',
  'metrics.json',
  'pairs.json',
] as const;
export const DpoFilePath = Type.Object({ artifact: ArtifactName, file: words(DPO_FILES) }, Strict);

export const AdapterPath = Type.Object({ version: Text({ minLength: 1, maxLength: 100 }) }, Strict);
export const PublishedAdapter = Type.Object({
  version: Type.Union([Type.String(), Type.Null()], { description: 'Of the adapter in force.' }),
  item: Type.Union([Type.String(), Type.Null()], { description: 'Id of the model in the catalogue.' }),
});
