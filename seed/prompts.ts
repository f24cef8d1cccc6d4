import type { Draw } from './draw.ts';
import { COMPOSITIONS, MEDIA, PALETTES, type Recipe, STYLES, SUBJECTS } from './grammar.ts';

const PRAISE = [
  'intricate detail',
  '(atmospheric depth:1.2)',
  'beautiful light',
  '(masterpiece:1.1)',
  'calm mood',
];
const AVOIDED = [
  'blurry',
  'lowres',
  'watermark',
  'text',
  'oversaturated',
  'bad composition',
  'jpeg artifacts',
];
const SAMPLERS = ['Euler a', 'DPM++ 2M Karras', 'DDIM', 'UniPC', 'DPM++ SDE Karras'];

/** What someone might have typed to get the picture, and how they set the sampler. */
export function writePrompt(recipe: Recipe, loras: { name: string }[], draw: Draw) {
  const { subject, style, palette, composition, medium } = recipe;
  const words = [
    draw.pick(SUBJECTS[subject].says),
    STYLES[style].says,
    PALETTES[palette].says,
    COMPOSITIONS[composition].says,
    MEDIA[medium].says,
    ...draw.shuffled(PRAISE).slice(0, draw.whole(0, 2)),
    ...loras.map(({ name }) => `<lora:${name}:${(draw.whole(5, 10) / 10).toFixed(1)}>`),
  ];
  return {
    prompt: words.join(', '),
    negativePrompt: draw.shuffled(AVOIDED).slice(0, draw.whole(2, 5)).join(', '),
    settings: {
      sampler: draw.pick(SAMPLERS),
      steps: draw.pick([20, 25, 28, 30, 40]),
      cfgScale: draw.pick([5, 6, 7, 7.5, 8]),
      clipSkip: draw.pick([1, 2]),
      seed: String(draw.whole(1, 2_147_483_647)),
      width: 512,
      height: 512,
    },
  };
}

/** Tags a platform would have: what is shown, how, in which colours. */
export const tagsOf = ({ subject, style, palette }: Recipe): string[] => [
  ...SUBJECTS[subject].tags,
  ...STYLES[style].tags,
  palette,
];

const MOODS = {
  dawn: ['First Light', 'Before the Birds', 'Peach Hour'],
  noon: ['High Noon', 'Clear Day', 'Blue Hours'],
  ember: ['Ember Hour', 'Last Fire', 'Red Evening'],
  tide: ['Undertow', 'Deep Water', 'Salt and Teal'],
  moss: ['Moss Season', 'Green Quiet', 'After Rain'],
  dusk: ['Violet Hour', 'Slow Dusk', 'Night Comes In'],
  frost: ['First Frost', 'Silver Cold', 'Winter Air'],
  ochre: ['Warm Dust', 'Terracotta', 'Long Afternoon'],
} as const;

export function titleOf({ subject, palette }: Recipe, draw: Draw): string {
  const mood = draw.pick(MOODS[palette]);
  const thing = subject[0]!.toUpperCase() + subject.slice(1);
  return draw.pick([`${thing}, ${mood}`, `${mood}: ${thing}`, `${mood} (${thing})`]);
}

/**
 * Browsing levels of a seed catalogue: a few percent are marked for adults, one in a hundred is blocked or
 * not rated, so that safety has something to do. The marks are abstract: no picture shows anything unsafe.
 */
export function levelOf(draw: Draw): number | undefined {
  const at = draw.between(0, 100);
  if (at < 1) return undefined;
  if (at < 2) return 32;
  if (at < 4) return 8;
  if (at < 6) return 4;
  if (at < 12) return 2;
  return 1;
}
