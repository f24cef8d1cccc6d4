import {
  PALETTE_NAMES,
  PALETTES,
  type PaletteName,
  STYLE_NAMES,
  STYLES,
  type Style,
  SUBJECT_NAMES,
  SUBJECTS,
  type Subject,
} from '../../seed/grammar.ts';
import { likesModel, type Taste } from '../../seed/taste.ts';
import { type Named, namedIn, readPreference } from './reading.ts';
import type { Preference, ShownItem } from './request.ts';
import type { Sight } from './sight.ts';

/** As the world's people (seed/taste.ts): what is not among the subjects named is worth half. */
const OTHER_SUBJECT = 0.5;

/** 0…1: how much somebody likes this, of whom the preferences are all that is known: the world's own formula. */
export function worthOf(item: ShownItem, sights: Sight[], preferences: Preference[]): number {
  const shown = sights.length > 0 ? sights : [seenInWords(item.words)];
  const worths = shown.map((sight) =>
    Math.max(0, ...preferences.map((preference) => worthTo(preference, sight))),
  );
  return worths.reduce((sum, worth) => sum + worth, 0) / worths.length;
}

function worthTo(preference: Preference, sight: Sight): number {
  const { likes, avoids } = readPreference(preference);
  return manner(likes, sight) * subject(likes, sight) * (1 - avoided(avoids, sight));
}

/** Style and colours; expected over what may be seen in the picture. */
function manner({ styles, palettes }: Named, sight: Sight): number {
  const [favourite = 'dawn', second = favourite] = palettes;
  const interests: Taste['interests'] = (styles.length > 0 ? styles : STYLE_NAMES).map((style) => ({
    ...{ style, palettes: [favourite, second] },
    weight: 1,
  }));
  const seen = STYLE_NAMES.map((style) => ({ style, weight: sight.style.get(style)! }));
  const inColours = (palette: PaletteName | null) =>
    likesModel({ interests, subjects: [] }, { styles: seen, palette });
  if (palettes.length === 0) return inColours(null);
  return PALETTE_NAMES.reduce((sum, name) => sum + sight.palette.get(name)! * inColours(name), 0);
}

function subject({ subjects }: Named, sight: Sight): number {
  if (subjects.length === 0) return 1;
  const liked = chanceOf(subjects, sight.subject);
  return liked + (1 - liked) * OTHER_SUBJECT;
}

const avoided = ({ styles, palettes, subjects }: Named, sight: Sight): number =>
  Math.max(
    chanceOf(styles, sight.style),
    chanceOf(palettes, sight.palette),
    chanceOf(subjects, sight.subject),
  );

const chanceOf = (names: readonly string[], chances: Map<string, number>): number =>
  names.reduce((sum, name) => sum + chances.get(name)!, 0);

/** An item without a picture is known by its words alone. */
function seenInWords(words: string): Sight {
  const named = namedIn(words);
  const even = (all: readonly string[], some: readonly string[]) => {
    const likely = some.length > 0 ? some : all;
    return new Map(all.map((name) => [name, likely.includes(name) ? 1 / likely.length : 0]));
  };
  return {
    style: even(STYLE_NAMES, named.styles),
    palette: even(PALETTE_NAMES, named.palettes),
    subject: even(SUBJECT_NAMES, named.subjects),
    tokens: 0,
  };
}

/** What most pictures have in common, as words: a description that says only what was seen. */
export function describe(sights: Sight[]): { text: string; likes: string[]; avoids: string[] } {
  const style = common(sights, 'style', 0.3, 2) as Style[];
  const palette = common(sights, 'palette', 0.2, 2) as PaletteName[];
  const subjects = common(sights, 'subject', 0.15, 3) as Subject[];
  const manners = style.map((name) => STYLES[name].says).join(' and ') || 'pictures of many styles';
  const colours = palette.map((name) => PALETTES[name].says).join(' or ');
  const things = subjects.map((name) => SUBJECTS[name].tags[0]).join(', ');
  return {
    text: `Likes ${manners}${colours && `, most of all in ${colours}`}${things && `; often of ${things}`}.`,
    likes: [...style.map((name) => STYLES[name].tags[0]!), ...palette, ...subjects],
    avoids: [],
  };
}

/** Names whose mean chance is at least `share`, the most common first. */
function common(sights: Sight[], of: 'style' | 'palette' | 'subject', share: number, most: number): string[] {
  const names = [...sights[0]![of].keys()];
  const mean = (name: string) => sights.reduce((sum, sight) => sum + sight[of].get(name)!, 0) / sights.length;
  return names
    .filter((name) => mean(name) >= share)
    .sort((a, b) => mean(b) - mean(a))
    .slice(0, most);
}
