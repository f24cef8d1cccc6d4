import t from 'tap';
import { Type } from 'typebox';
import { type Config, loadConfig } from '../../../src/config.ts';
import { silentLog } from '../../../src/log.ts';
import { openVlm, type Question } from '../../../src/vlm/index.ts';
import { chatServer, says, sends } from '../../support/chat-server.ts';

const question = (more: Partial<Question<number>> = {}): Question<number> => ({
  ...{ name: 'answer', system: 'Answer.', parts: [{ text: 'How many?' }], longest: 50 },
  schema: Type.Object({ n: Type.Number() }),
  read: (value) => {
    const { n } = value as { n?: unknown };
    if (typeof n !== 'number') throw new Error('"n" is no number');
    return n;
  },
  ...more,
});
type Server = Awaited<ReturnType<typeof chatServer>>;
const open = (
  server: Pick<Server, 'url'>,
  settings: Partial<Config> = {},
  log = silentLog,
  restMs?: number,
) => openVlm(loadConfig({}, { VLM_BASE_URL: server.url, ...settings }), log, restMs)!;

t.test('without an endpoint there is no model', async (t) => {
  t.equal(openVlm(loadConfig({}, {}), silentLog), null);
});

t.test('a picture goes out as a data URI, with the schema of the answer', async (t) => {
  const server = await chatServer(t, (_, response) => says(response, '{"n":3}'));
  const parts = [{ text: 'This:' }, { picture: Buffer.from('jpeg'), type: 'image/jpeg' as const }];
  const { value, tokens, repaired } = await open(server).ask(question({ parts }));
  t.same({ value, tokens, repaired }, { value: 3, tokens: 100, repaired: false });
  t.match(server.asked[0], {
    messages: [
      { role: 'system', content: 'Answer.' },
      {
        role: 'user',
        content: [
          { type: 'text' },
          { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,anBlZw==' } },
        ],
      },
    ],
    response_format: { type: 'json_schema', json_schema: { name: 'answer' } },
  });
});

t.test('JSON is found in a fence and in the middle of prose', async (t) => {
  const answers = [
    'Sure!\n```json\n{"n": 4}\n```\nAnything else?',
    'I count {"n": 4, "why": "a } in \\"text\\""} here.',
  ];
  const server = await chatServer(t, (_, response) => says(response, answers.shift()!));
  const vlm = open(server);
  t.equal((await vlm.ask(question())).value, 4);
  t.equal((await vlm.ask(question())).value, 4);
  t.equal(vlm.counts().repairs, 0);
});

t.test('an answer that cannot be used is asked for once more, with what was wrong', async (t) => {
  const server = await chatServer(t, ({ messages }, response) =>
    says(response, messages.length > 2 ? '{"n":5}' : '{"n":"five"}'),
  );
  const { value, tokens, repaired } = await open(server).ask(question());
  t.same({ value, tokens, repaired }, { value: 5, tokens: 200, repaired: true });
  t.match(server.asked[1]!.messages[3]!.content, /"n" is no number/);
});

t.test('twice is malformed; a refusal is not asked again', async (t) => {
  const server = await chatServer(t, (_, response) => says(response, 'Vier, würde ich sagen.'));
  await t.rejects(open(server).ask(question()), { code: 'vlm-malformed', status: 503 });
  t.equal(server.asked.length, 2);
  server.state.reply = (_, response) => says(response, null, { refusal: 'No.' });
  await t.rejects(open(server).ask(question()), { code: 'vlm-declined' });
  t.equal(server.asked.length, 3);
});

t.test('a server that is busy for a moment is asked again, after as long as it says', async (t) => {
  let times = 0;
  const server = await chatServer(t, (_, response) =>
    ++times < 3
      ? sends(response, times === 1 ? 429 : 500, {}, { 'retry-after': '0' })
      : says(response, '{"n":1}'),
  );
  const vlm = open(server);
  t.equal((await vlm.ask(question())).value, 1);
  t.same([...vlm.counts().outcomes].sort(), [
    ['answered', 1],
    ['vlm-busy', 1],
    ['vlm-unavailable', 1],
  ]);
});

t.test('a server that wants to be left alone for long is left alone', async (t) => {
  const server = await chatServer(t, (_, response) => sends(response, 429, {}, { 'retry-after': '3600' }));
  await t.rejects(open(server).ask(question()), { code: 'vlm-busy' });
  t.equal(server.asked.length, 1);
});

t.test('an endpoint that takes too long or pours out bytes without end is given up', async (t) => {
  const server = await chatServer(t, () => {});
  await t.rejects(open(server, { VLM_TIMEOUT_MS: 150 }).ask(question()), { code: 'vlm-timeout' });
  server.state.reply = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const pour = () => {
      if (!response.destroyed && response.write('x'.repeat(65_536))) setImmediate(pour);
      else response.once('drain', pour);
    };
    pour();
  };
  await t.rejects(open(server, { VLM_TIMEOUT_MS: 20_000 }).ask(question()), { code: 'vlm-malformed' });
});

t.test('whoever has had enough is answered at once, while it waits to try again', async (t) => {
  const server = await chatServer(t, (_, response) => sends(response, 429, {}, { 'retry-after': '4' }));
  const began = performance.now();
  await t.rejects(open(server).ask(question({ signal: AbortSignal.timeout(150) })), { code: 'vlm-timeout' });
  t.ok(performance.now() - began < 2_000);
});

t.test('a model that fails again and again is left alone for a while, then asked again', async (t) => {
  const server = await chatServer(t, (_, response) => sends(response, 429, {}, { 'retry-after': '60' }));
  const vlm = open(server, {}, silentLog, 300);
  for (let n = 0; n < 5; n++) await t.rejects(vlm.ask(question()), { code: 'vlm-busy' });
  await t.rejects(vlm.ask(question()), { code: 'vlm-resting' });
  t.equal(server.asked.length, 5);
  t.equal(vlm.state(), 'resting');
  server.state.reply = (_, response) => says(response, '{"n":1}');
  await new Promise((done) => setTimeout(done, 350));
  t.equal((await vlm.ask(question())).value, 1);
  t.equal(vlm.state(), 'up');
});

t.test('a refused key is said once, and the endpoint is not asked with it again', async (t) => {
  const server = await chatServer(t, (_, response) =>
    sends(response, 401, { error: { message: 'bad key' } }),
  );
  const errors: unknown[] = [];
  const vlm = open(server, {}, { ...silentLog, error: (...said: unknown[]) => void errors.push(said) });
  for (let n = 0; n < 4; n++) await t.rejects(vlm.ask(question()), { code: 'vlm-key-refused' });
  t.equal(vlm.state(), 'key-refused');
  t.equal(errors.length, 1);
  t.equal(server.asked.length, 1);
});

t.test('an hour’s tokens are not overdrawn', async (t) => {
  const server = await chatServer(t, (_, response) => says(response, '{"n":1}'));
  const vlm = open(server, { VLM_TOKENS_PER_HOUR: 230 });
  await vlm.ask(question());
  await vlm.ask(question());
  await t.rejects(vlm.ask(question()), { code: 'vlm-budget' });
  t.equal(server.asked.length, 2);
});

t.test('no more questions at once than allowed; the others wait their turn', async (t) => {
  let now = 0;
  let most = 0;
  const server = await chatServer(t, async (_, response) => {
    most = Math.max(most, ++now);
    await new Promise((done) => setTimeout(done, 30));
    now--;
    says(response, '{"n":1}');
  });
  const vlm = open(server, { VLM_AT_ONCE: 2 });
  await Promise.all(Array.from({ length: 8 }, () => vlm.ask(question())));
  t.equal(most, 2);
});

t.test('nobody listens there', async (t) => {
  await t.rejects(open({ url: 'http://127.0.0.1:9/v1' }).ask(question()), { code: 'vlm-unavailable' });
});
