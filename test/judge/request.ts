/** What the judge is asked, read from the wire and from nothing else. */
export type Preference = { id: string; text: string; likes: string[]; avoids: string[] };
export type ShownItem = { label: string; words: string; pictures: string[] };
export type Question =
  | { task: 'rank'; preferences: Preference[]; items: ShownItem[]; orders: string[] }
  | { task: 'describe'; pictures: string[]; orders: string[] }
  | { task: 'choose'; preference: Preference; pictures: string[] };

type Part = { type?: unknown; text?: unknown; image_url?: { url?: unknown } };
type Message = { role?: unknown; content?: unknown };

const TASTE = 'The taste, as JSON:';

/**
 * Reads a chat request. Text that is neither the preferences nor an item as JSON is what the caller itself says to
 * the model: `orders`, which a gullible model obeys. Whoever lets an item's own words out of their JSON finds them
 * there.
 * @throws Error that says what a server would answer 400 to
 */
export function readQuestion(body: unknown): Question {
  const messages = (body as { messages?: unknown }).messages;
  if (!Array.isArray(messages) || messages.length === 0) throw new Error('messages are missing');
  const parts = (messages as Message[]).filter(({ role }) => role === 'user').flatMap(partsOf);
  const preferences = parts.findIndex(({ text }) => typeof text === 'string' && /^Preferences:/u.test(text));
  if (preferences < 0) {
    const { pictures, texts } = split(parts);
    const taste = texts.find((text) => text.startsWith(TASTE));
    if (taste !== undefined) return { task: 'choose', preference: inWords(taste), pictures };
    if (pictures.length === 0) throw new Error('there is no picture to describe');
    return { task: 'describe', pictures, orders: texts };
  }
  return { task: 'rank', ...readItems(parts, preferences) };
}

/** “Often …; seldom …”, of which the second half is avoided. */
function inWords(text: string): Preference {
  const [often = '', ...seldom] = String(JSON.parse(text.slice(TASTE.length))).split(/\bseldom\b/u);
  return { id: 'taste', text: often, likes: [], avoids: seldom };
}

function readItems(parts: Part[], first: number) {
  const preferences = JSON.parse(String(parts[first]!.text).slice('Preferences:'.length)) as Preference[];
  const items: ShownItem[] = [];
  const orders = split(parts.slice(0, first)).texts;
  for (const part of parts.slice(first + 1)) {
    if (part.type === 'image_url') {
      items.at(-1)?.pictures.push(pictureOf(part));
      continue;
    }
    const [, label, json] = /^Item (\w+):\s*(\{.*\})\s*$/su.exec(String(part.text)) ?? [];
    if (label === undefined) orders.push(String(part.text));
    else items.push({ label, words: wordsOf(json!), pictures: [] });
  }
  if (items.length === 0) throw new Error('there is no item to score');
  return { preferences, items, orders };
}

const wordsOf = (json: string): string => JSON.stringify((JSON.parse(json) as { text?: unknown }).text ?? '');

function partsOf({ content }: Message): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw new Error('content is neither text nor parts');
  return content as Part[];
}

const split = (parts: Part[]) => ({
  pictures: parts.filter(({ type }) => type === 'image_url').map(pictureOf),
  texts: parts.filter(({ type }) => type === 'text').map(({ text }) => String(text)),
});

function pictureOf({ image_url }: Part): string {
  const url = image_url?.url;
  if (typeof url !== 'string' || !url.startsWith('data:image/')) throw new Error('a picture is no data URI');
  return url;
}
