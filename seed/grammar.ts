/**
 * The grammar of the seed world: a picture is one word from each table and a number. Its id says which, so
 * any picture can be drawn from its id alone. Each entry says how a prompt would put it.
 */

export const SUBJECTS = {
  mountains: {
    says: ['snowy mountains above a lake', 'a mountain range in the first light'],
    tags: ['mountain', 'lake'],
  },
  forest: { says: ['a misty fir forest', 'tall firs in drifting fog'], tags: ['forest', 'fog'] },
  wave: { says: ['a great curling wave', 'a towering wave about to break'], tags: ['sea', 'wave'] },
  city: { says: ['a city skyline by the water', 'towers of a city at the river'], tags: ['city', 'skyline'] },
  dunes: { says: ['desert dunes with long shadows', 'wind-carved dunes'], tags: ['desert', 'dunes'] },
  lighthouse: {
    says: ['a lighthouse on a cliff', 'a striped lighthouse over the sea'],
    tags: ['lighthouse', 'sea'],
  },
  castle: {
    says: ['a castle on a hill', 'a fairy-tale castle with pointed towers'],
    tags: ['castle', 'fantasy'],
  },
  sailboat: {
    says: ['a sailing boat on a calm sea', 'a small sailboat before the sun'],
    tags: ['boat', 'sea'],
  },
  tree: { says: ['a lone old tree on a hill', 'a wide-crowned tree in the wind'], tags: ['tree', 'hill'] },
  poppies: { says: ['a meadow full of poppies', 'poppies in rolling fields'], tags: ['flowers', 'meadow'] },
  balloons: {
    says: ['hot-air balloons over a valley', 'striped balloons among clouds'],
    tags: ['balloon', 'sky'],
  },
  planet: {
    says: ['a ringed planet over a rocky moon', 'a giant planet rising in space'],
    tags: ['space', 'planet'],
  },
} as const;

export const STYLES = {
  gouache: { says: 'gouache storybook illustration', tags: ['gouache', 'illustration'] },
  watercolour: { says: 'loose watercolour with bleeding edges', tags: ['watercolour'] },
  'ink-wash': { says: 'sumi-e ink wash', tags: ['ink wash', 'monochrome'] },
  woodcut: { says: 'bold woodcut', tags: ['woodcut', 'printmaking'] },
  'ukiyo-e': { says: 'ukiyo-e woodblock print', tags: ['ukiyo-e', 'outlines'] },
  'low-poly': { says: 'low-poly facets', tags: ['low poly', '3d'] },
  'stained-glass': { says: 'stained glass window', tags: ['stained glass'] },
  mosaic: { says: 'roman mosaic of small tiles', tags: ['mosaic'] },
  pointillist: { says: 'pointillist painting in dots of pure colour', tags: ['pointillism'] },
  impasto: { says: 'impasto oil painting with thick brush strokes', tags: ['oil painting', 'impasto'] },
  cubist: { says: 'cubist painting in broken planes', tags: ['cubism'] },
  'art-deco': { says: 'art deco travel poster with gold lines', tags: ['art deco', 'poster'] },
  synthwave: { says: 'neon synthwave, glowing outlines', tags: ['synthwave', 'neon'] },
  'pixel-art': { says: '16-bit pixel art', tags: ['pixel art', 'game art'] },
  'paper-cut': { says: 'layered paper cut with soft shadows', tags: ['paper cut', 'papercraft'] },
  engraving: { says: 'fine line engraving', tags: ['engraving', 'line art'] },
} as const;

/** Colours from the horizon towards the eye in `ramp`; `ink` is the darkest, `paper` the lightest. */
export type Palette = {
  says: string;
  sky: readonly [top: string, bottom: string];
  light: string;
  ramp: readonly [string, string, string, string, string];
  water: string;
  accents: readonly [string, string];
  ink: string;
  paper: string;
};

export const PALETTES = {
  dawn: {
    says: 'pale peach and lavender dawn light',
    sky: ['#8fa3d8', '#fdd5c0'],
    light: '#fff3d6',
    ramp: ['#cdb9dc', '#ab90c4', '#8069a8', '#574781', '#322b58'],
    water: '#b4acd8',
    accents: ['#f4845f', '#f7c768'],
    ink: '#251f42',
    paper: '#fdf4ea',
  },
  noon: {
    says: 'clear blue and green midday colours',
    sky: ['#3788d4', '#d3edf8'],
    light: '#fffdea',
    ramp: ['#a5cfdf', '#78b3ad', '#4b936f', '#2d7049', '#1a4a36'],
    water: '#58aed2',
    accents: ['#f6b73c', '#e5532d'],
    ink: '#102c36',
    paper: '#f9fbf4',
  },
  ember: {
    says: 'burning orange and crimson sunset',
    sky: ['#55194a', '#fb8f3d'],
    light: '#ffe593',
    ramp: ['#de6d40', '#b5423f', '#802a45', '#4e1c40', '#28122f'],
    water: '#c4563f',
    accents: ['#ffd15c', '#ff6a5e'],
    ink: '#1c0c23',
    paper: '#fdeedb',
  },
  tide: {
    says: 'deep teal and navy sea tones',
    sky: ['#0d3d60', '#93d8cf'],
    light: '#f6ffe6',
    ramp: ['#7cc0c4', '#459ba8', '#217585', '#115467', '#093245'],
    water: '#278aa0',
    accents: ['#ff9873', '#ffdb80'],
    ink: '#051d2b',
    paper: '#eef8f4',
  },
  moss: {
    says: 'mossy greens and ochre',
    sky: ['#a9c6a4', '#f5f1cc'],
    light: '#fff9c8',
    ramp: ['#b7cb98', '#90af6c', '#648a48', '#3e6634', '#224322'],
    water: '#93bb9d',
    accents: ['#dc8f36', '#b84639'],
    ink: '#152d1a',
    paper: '#f8f6e4',
  },
  dusk: {
    says: 'violet and magenta dusk',
    sky: ['#15174a', '#c473b2'],
    light: '#ffdcea',
    ramp: ['#8767ba', '#5e4999', '#42357f', '#2a235d', '#16133b'],
    water: '#4a4096',
    accents: ['#ff79c4', '#7ee5d3'],
    ink: '#0c0a28',
    paper: '#f5eefb',
  },
  frost: {
    says: 'cold ice blue and silver',
    sky: ['#7697b8', '#edf5f9'],
    light: '#ffffff',
    ramp: ['#cfdfe9', '#a5c0d3', '#7799b2', '#4b6e8c', '#294661'],
    water: '#a4c4d8',
    accents: ['#d85a5a', '#5ba7d6'],
    ink: '#192d40',
    paper: '#f7fbfd',
  },
  ochre: {
    says: 'warm terracotta and sand',
    sky: ['#d6945a', '#fbe4b5'],
    light: '#fff8e0',
    ramp: ['#e3b67d', '#c88c53', '#a2643a', '#743f2a', '#44231c'],
    water: '#86aba3',
    accents: ['#2b7f87', '#c2392b'],
    ink: '#2a160f',
    paper: '#fbf3e1',
  },
} as const satisfies Record<string, Palette>;

/** Where the horizon lies and where the subject stands, in parts of the picture's side. */
export type Framing = { says: string; horizon: number; x: number; scale: number; arch: boolean };
export const COMPOSITIONS = {
  centred: { says: 'centred composition', horizon: 0.64, x: 0.5, scale: 1, arch: false },
  thirds: { says: 'rule of thirds', horizon: 0.66, x: 0.34, scale: 0.9, arch: false },
  wide: { says: 'wide shot under a big sky', horizon: 0.78, x: 0.62, scale: 0.68, arch: false },
  aerial: { says: 'seen from high above', horizon: 0.4, x: 0.56, scale: 0.85, arch: false },
  close: { says: 'close-up', horizon: 0.74, x: 0.48, scale: 1.4, arch: false },
  framed: { says: 'seen through an arch', horizon: 0.66, x: 0.5, scale: 0.85, arch: true },
} as const satisfies Record<string, Framing>;

export const MEDIA = {
  canvas: { says: 'on canvas' },
  paper: { says: 'on rough paper' },
  print: { says: 'limited edition print with a white margin' },
  screen: { says: 'digital, soft vignette' },
} as const;

export type Subject = keyof typeof SUBJECTS;
export type Style = keyof typeof STYLES;
export type PaletteName = keyof typeof PALETTES;
export type Composition = keyof typeof COMPOSITIONS;
export type Medium = keyof typeof MEDIA;

export type Recipe = {
  subject: Subject;
  style: Style;
  palette: PaletteName;
  composition: Composition;
  medium: Medium;
  /** 0…99,999: two pictures of one recipe differ by it. */
  seed: number;
};

const names = <T extends object>(table: T) => Object.keys(table) as (keyof T)[];
export const SUBJECT_NAMES = names(SUBJECTS);
export const STYLE_NAMES = names(STYLES);
export const PALETTE_NAMES = names(PALETTES);
export const COMPOSITION_NAMES = names(COMPOSITIONS);
export const MEDIUM_NAMES = names(MEDIA);

/** E.g. `lighthouse.ukiyo-e.ember.framed.paper.1042`. */
export const pictureId = ({ subject, style, palette, composition, medium, seed }: Recipe) =>
  [subject, style, palette, composition, medium, seed].join('.');

/** Null when the id is none of the grammar's. */
export function recipeOf(id: string): Recipe | null {
  const [subject = '', style = '', palette = '', composition = '', medium = '', seed = '', more] =
    id.split('.');
  const known =
    Object.hasOwn(SUBJECTS, subject) &&
    Object.hasOwn(STYLES, style) &&
    Object.hasOwn(PALETTES, palette) &&
    Object.hasOwn(COMPOSITIONS, composition) &&
    Object.hasOwn(MEDIA, medium) &&
    /^(?:0|[1-9]\d{0,4})$/u.test(seed) &&
    more === undefined;
  return known ? ({ subject, style, palette, composition, medium, seed: Number(seed) } as Recipe) : null;
}
