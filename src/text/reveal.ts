import { resolveConfusablesTransformer, resolveLeetSpeakTransformer } from 'obscenity';

/** Characters that are not seen: zero-width spaces and joiners, soft hyphens, direction marks. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}+/gu;
/** `n u d e`, `n.u.d.e`: single characters with one separator between each. */
const SPELLED = /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}@$][ .*_-]){2,}[\p{L}\p{N}@$](?![\p{L}\p{N}])/gu;
const WORD = /[\p{L}\p{M}\p{N}@$!|]+/gu;
const LATIN = /\p{Script=Latin}/u;
/** What only looks like a Latin letter; a word that is all of another script is that script's own. */
const LOOKALIKE = /[^\p{Script=Latin}\p{M}]/u;

const { transform: lookalike } = resolveConfusablesTransformer() as {
  transform(code: number): number | undefined;
};
const { transform: leet } = resolveLeetSpeakTransformer() as { transform(code: number): number | undefined };

/**
 * The text as a person reads it, whatever it is written with: compatibility forms folded (NFKC), unseen characters
 * gone, spelled words joined, look-alikes and leet spelling resolved in words that are partly Latin (obscenity's
 * tables). Numbers in words go too (`sd15`), so this is for looking, never for keeping.
 */
export function reveal(text: string): string {
  return text
    .normalize('NFKC')
    .replace(UNSEEN, '')
    .replace(SPELLED, (spelled) => spelled.replace(/[ .*_-]/gu, ''))
    .replace(WORD, (word) => (LATIN.test(word) && LOOKALIKE.test(word) ? resolved(word) : word));
}

function resolved(word: string): string {
  return Array.from(word, (letter) => {
    const code = letter.codePointAt(0)!;
    const seen = lookalike(code) ?? code;
    return String.fromCodePoint(leet(seen) ?? seen);
  }).join('');
}
