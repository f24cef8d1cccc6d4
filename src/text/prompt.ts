/** Models a prompt switches on by name, and the prompt without the machinery. */
export type ParsedPrompt = { clean: string; loras: { name: string; weight: number }[] };

// All repetitions below are bounded or exclude their own delimiters, so hostile prompts cost linear time.
const MODEL_TAG = /<(?:lora|lyco|lycoris|hypernet):([^<>:]{1,256})(?::([^<>]{0,64}))?>/giu;
const WEIGHT = /:\s{0,4}[-+]?\d{0,4}(?:\.\d{0,6})?\s{0,4}(?=[)\]])/gu;
const SCHEDULE_TIME = /:\s{0,4}\d{0,4}(?:\.\d{0,6})?\s{0,4}\]/gu;
const BRACKET = /(?<!\\)[()[\]{}]/gu;
const SYNTAX = /[<([{\\]|BREAK/u;
const ANY_TAG = /<[^<>]*>/gu;

/**
 * Reads the prompt syntax of the common web UIs: `<lora:name:0.8>`, emphasis `(word:1.3)`, `((word))`,
 * `[word]`, prompt editing `[from:to:0.5]` and alternation `[a|b]` (both sides stay), `BREAK`, and `\(`.
 */
export function parsePrompt(text: string): ParsedPrompt {
  if (!SYNTAX.test(text)) return { clean: tidy(text), loras: [] };
  const loras = [...text.matchAll(MODEL_TAG)].map(([, name, weight]) => ({
    name: name!.trim(),
    weight: weightOf(weight),
  }));
  const clean = text
    .replace(MODEL_TAG, ' ')
    .replace(SCHEDULE_TIME, ']')
    .replace(WEIGHT, '')
    .replace(/\[([^[\]]{0,1000})\]/gu, (_, inside: string) => inside.replace(/[:|]/gu, ', '))
    .replace(BRACKET, '')
    .replace(/\\([()[\]{}])/gu, '$1')
    .replace(/\bBREAK\b/gu, ',');
  return { clean: tidy(clean), loras: loras.filter(({ name }) => name !== '') };
}

/** Text of an HTML description, good enough for words: tags go, the five XML entities and nbsp are read. */
export function plainText(html: string): string {
  if (!/[<&]/u.test(html)) return tidy(html);
  return tidy(
    html
      .replace(ANY_TAG, ' ')
      .replace(/&nbsp;/gu, ' ')
      .replace(/&lt;/gu, '<')
      .replace(/&gt;/gu, '>')
      .replace(/&quot;/gu, '"')
      .replace(/&#39;|&apos;/gu, "'")
      .replace(/&amp;/gu, '&'),
  );
}

/** `0.8` of `<lora:name:0.8>`; web UIs take 1 where it is absent or unreadable. */
function weightOf(text: string | undefined): number {
  const weight = Number.parseFloat(text ?? '1');
  return Number.isFinite(weight) ? weight : 1;
}

const tidy = (text: string) =>
  text
    .replace(/\s+/gu, ' ')
    .replace(/(?: ?, ?)+/gu, ', ')
    .replace(/^[, ]+|[, ]+$/gu, '');
