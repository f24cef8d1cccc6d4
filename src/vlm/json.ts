const FENCE = /```(?:json)?\s*\n?([\s\S]*?)```/giu;
const LONGEST = 200_000;

/**
 * The JSON object in an answer, wherever the model has put it: bare, in a fence, or in the middle of prose.
 * @throws Error when there is none
 */
export function jsonIn(text: string): unknown {
  const answer = text.slice(0, LONGEST);
  const candidates = [answer, ...[...answer.matchAll(FENCE)].map(([, inside]) => inside!)];
  for (const candidate of candidates) {
    const value = parsed(candidate.trim());
    if (isObject(value)) return value;
  }
  for (let from = answer.indexOf('{'), tries = 0; from >= 0 && tries < 20; tries++) {
    const end = endOfObject(answer, from);
    const value = end < 0 ? undefined : parsed(answer.slice(from, end));
    if (isObject(value)) return value;
    from = answer.indexOf('{', from + 1);
  }
  throw new Error('the answer is not JSON');
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Just behind the brace that closes the one at `from`; -1 where it is never closed. */
function endOfObject(text: string, from: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return at + 1;
  }
  return -1;
}
