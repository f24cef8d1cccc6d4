import t from 'tap';
import { loadConfig } from '../../../src/config.ts';
import { silentLog } from '../../../src/log.ts';
import { describe, type Looked } from '../../../src/taste/describe.ts';
import { describeByVlm } from '../../../src/taste/index.ts';
import { openToxicity } from '../../../src/text/index.ts';
import { openVlm } from '../../../src/vlm/index.ts';
import { type ChatRequest, chatServer, says } from '../../support/chat-server.ts';
import { COLOURS, type Colour, colourVocabulary, showing } from '../../support/colours.ts';
import { testDatabase } from '../../support/database.ts';
import { openReplica } from '../../support/events.ts';

const PROMPT = 'often a tall red house beside the sea';
const db = await testDatabase(t);
const { catalog } = await openReplica(t, db);
const urlOf = (picture: string) => `/pictures/${picture}.webp`;

/** So many liked pictures of a colour, in a row: each a little greyer than the one before. */
async function around(colour: Colour, count: number): Promise<Looked[]> {
  const names = Array.from({ length: count }, (_, n) => `${colour}-${n}`);
  const put = await catalog.put(
    names.map((id) => ({
      ...{ kind: 'image' as const, id, title: id, url: urlOf(id), prompt: PROMPT, browsingLevel: 1 },
    })),
    { mode: 'trusted' },
  );
  return put.map(({ ref }, n) => {
    const vector = showing(colour);
    vector[COLOURS.indexOf('grey')] = 0.02 * n;
    return { item: ref, vector: vector.map((value) => value / Math.hypot(...vector)), weight: 1 };
  });
}
const [reds, blues] = [await around('red', 13), await around('blue', 11)];
const history = {
  liked: [...reds, ...blues].sort((a, b) => ((a.item * 7) % 25) - ((b.item * 7) % 25)),
  passed: [],
};
const drafts = describe(history, colourVocabulary());

async function describedAs(answer: object) {
  const server = await chatServer(t, (_, response) => says(response, JSON.stringify(answer)));
  const vlm = openVlm(loadConfig({}, { VLM_BASE_URL: server.url }), silentLog)!;
  // A picture is its address, so that what was sent can be read.
  const sendable = async (url: string) => Buffer.from(url);
  const describer = describeByVlm({ vlm, db, sendable, toxicity: await openToxicity('', silentLog) });
  const described = await describer.describe(history, drafts, colourVocabulary());
  return { described, asked: server.asked.map(picturesIn) };
}

function picturesIn({ messages }: ChatRequest): string[] {
  const parts = messages[1]!.content as { image_url?: { url: string } }[];
  return parts.flatMap(({ image_url: image }) =>
    image === undefined ? [] : [Buffer.from(image.url.split(',')[1]!, 'base64').toString()],
  );
}

t.test('each taste is described by the nine pictures at its centre', async (t) => {
  const { described, asked } = await describedAs({ text: 'Likes the sea.', likes: [], avoids: [] });
  t.same(
    described.map(({ text }) => text),
    ['Likes the sea.', 'Likes the sea.'],
  );
  const middle = (colour: Colour, from: number) =>
    Array.from({ length: 9 }, (_, n) => urlOf(`${colour}-${from + n}`));
  t.same(
    asked.map((pictures) => pictures.sort()).sort(),
    [middle('blue', 1).sort(), middle('red', 2).sort()],
    'of eleven and of thirteen',
  );
});

t.test('what a model must not say of a taste leaves the words of its attributes', async (t) => {
  for (const text of [
    'Mag leuchtende Farben und ruhige Landschaften.',
    'Nude porn, and a lot of fucking.',
    'Likes to see a tall red house beside the sea.',
    ` ${'Likes the sea. '.repeat(50)}`,
  ]) {
    const { described } = await describedAs({ text, likes: ['red'], avoids: [] });
    t.same(described, drafts, text);
  }
});

t.test('a taste likes of what a model names what its pictures show', async (t) => {
  const { described } = await describedAs({ text: 'Likes the sea.', likes: ['red', 'green'], avoids: [] });
  const likes = described.map(({ likes }) => likes.map(({ name }) => name)).sort();
  t.same(likes, [['blue'], ['red']], 'nothing green');
});
