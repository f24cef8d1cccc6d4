import { LRUCache } from 'lru-cache';
import { DataSet, englishRecommendedTransformers, parseRawPattern, RegExpMatcher } from 'obscenity';
import { reveal } from './reveal.ts';

/**
 * Words for a child, and words for a sexual context. Neither says much alone; both in the text of one item do, and
 * no score weighs that. Each is a whole word, doubled letters as obscenity collapses them.
 */
const MINOR = (
  'child children childlike kid kids toddler toddlers infant infants baby babies preteen preteens pre-teen tween ' +
  'tweens underage under-age underaged minor minors juvenile prepubescent pubescent pedo paedo pedophile schoolgirl ' +
  'schoolgirls schoolboy schoolboys kindergarten kindergartner preschooler elementary-school loli lolis lolicon ' +
  'shota shotas shotacon little-girl little-girls little-boy little-boys young-girl young-girls young-boy young-boys ' +
  'jailbait teen teens teenage teenager teenagers'
).split(' ');
const SEXUAL = (
  'nsfw nude nudes nudity naked topless bottomless sex sexy sexual sexually porn porno pornographic hentai ecchi ' +
  'erotic erotica explicit uncensored lewd seductive aroused horny orgasm ahegao masturbate masturbating masturbation ' +
  'blowjob handjob fellatio creampie cum cumshot penis vagina pussy genitals nipple nipples areola breasts boobs ' +
  'tits anus buttocks panties thong lingerie bdsm bondage fetish penetration intercourse rape gangbang xxx rule34 ' +
  'lolicon shotacon undressed undressing stripped spread-legs'
).split(' ');
const YEARS =
  '(?:[1-9]|1[0-7]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven)teen)';
const OLD = '(?:yo|y\\/o|y\\.o\\.?|(?:years?|yrs?)[\\s-]{0,2}old)';
const AGE = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:${YEARS}[\\s-]{0,2}${OLD}|aged?[\\s:]{0,2}${YEARS})(?![\\p{L}\\p{N}])`,
  'iu',
);

/** Bits of `items.text_marks`. */
export const TEXT_MARK = { minor: 1, sexual: 2 } as const;
const MAX_REMEMBERED = 64;

/** @returns which of the two a text holds, as TEXT_MARK bits. */
export function openMarks(): (text: string) => number {
  const minor = matcherOf(MINOR);
  const sexual = matcherOf(SEXUAL);
  // Parts of prompts and tags come again and again, most of them with neither.
  const harmless = new LRUCache<string, true>({ max: 50_000 });
  return (text) => {
    const parts = text.split(/[,\n]/u).map((part) => part.trim());
    const unknown = parts.filter((part) => part !== '' && !harmless.has(part));
    if (unknown.length === 0) return 0;
    const found = marksOf(unknown.join(', '), minor, sexual);
    if (found === 0) for (const part of unknown) if (part.length <= MAX_REMEMBERED) harmless.set(part, true);
    return found;
  };
}

function marksOf(text: string, minor: RegExpMatcher, sexual: RegExpMatcher): number {
  const seen = reveal(text);
  const looks = seen === text ? [text] : [text, seen];
  return (
    (looks.some((look) => minor.hasMatch(look) || AGE.test(look)) ? TEXT_MARK.minor : 0) |
    (looks.some((look) => sexual.hasMatch(look)) ? TEXT_MARK.sexual : 0)
  );
}

function matcherOf(words: readonly string[]): RegExpMatcher {
  const dataset = new DataSet<{ originalWord: string }>();
  for (const word of words)
    for (const spelled of new Set([word, word.replaceAll('-', ' '), word.replaceAll('-', '')]))
      dataset.addPhrase((phrase) => phrase.addPattern(parseRawPattern(`|${collapsed(spelled)}|`)));
  return new RegExpMatcher({ ...dataset.build(), ...englishRecommendedTransformers });
}

/** As obscenity's recommended transformers collapse runs: two of b, e, o, l, s, g stay, else one. */
const collapsed = (word: string) => word.replace(/([^beolsg])\1+/gu, '$1');
