/** Words that say little about what a picture shows or how it looks; they keep a tenth of their weight. */
const GENERIC = new Set(
  (
    'a an the of in on at to by with and or for from as is are be this that it its into over under very no not ' +
    'masterpiece best quality high highest ultra hd uhd 4k 8k 16k res resolution highre highly detailed detail ' +
    'intricate sharp focus absurdre amazing beautiful stunning image picture photo artwork art work style model lora ' +
    'trending artstation award winning professional perfect good great create made use using version v1 v2 score up'
  ).split(' '),
);
export const GENERIC_WEIGHT = 0.1;
export const isGeneric = (word: string): boolean => GENERIC.has(word);

const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu;
/** Scripts written without spaces: a run of these is read as overlapping pairs of characters. */
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{3,}$/u;

/** Words of a text in order: NFKC, lower case, plural s dropped, at most 64 characters each. */
export function words(text: string): string[] {
  const found = text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
  const result: string[] = [];
  for (const word of found) {
    if (word.length > 2 && UNSPACED.test(word)) for (const pair of pairs(word)) result.push(pair);
    else result.push(singular(word.length > 64 ? word.slice(0, 64) : word));
  }
  return result;
}

/** The one name of a phrase of several words, so that a tag, a comma part of a prompt and a query agree. */
export const phraseOf = (parts: string[]): string => parts.join(' ');

/** Castles → castle, so that a query in the plural finds its tag; not a stemmer. */
function singular(word: string): string {
  return word.length > 3 && word.endsWith('s') && !/(?:ss|us|is)$/u.test(word) ? word.slice(0, -1) : word;
}

function* pairs(word: string): Generator<string> {
  const letters = [...word];
  for (let i = 0; i + 1 < letters.length; i++) yield letters[i]! + letters[i + 1]!;
}
