import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { silentLog } from '../../../src/log.ts';
import { lexiconScorer, openToxicity } from '../../../src/text/index.ts';
import { writeTinyClassifier } from '../../support/tiny-text-classifier.ts';

const DETOXIFY = ['toxicity', 'severe_toxicity', 'obscene', 'male'];
const words = { pretty: [-6, -6, -6, -6], filth: [1, -6, 4, -6], man: [-6, -6, -6, 6] };
const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
const near = (a: number | undefined, b: number) => Math.abs((a ?? 2) - b) < 1e-5;

t.test('the lexicon scores a hit high and everything else 0, and says that it is one', async (t) => {
  const lexicon = lexiconScorer();
  t.equal(lexicon.name, 'lexicon');
  const safe = ['a watercolour castle', 'grapes and a pen is on the table', 'classic bass, Essex', ''];
  const unsafe = ['what the fuck', 'p0rn', 'nsfw, a castle', 'nude figure'];
  t.same(await lexicon.score(safe), [0, 0, 0, 0]);
  t.ok((await lexicon.score(unsafe)).every((score) => score >= 0.9));
});

t.test('without a model the lexicon answers', async (t) => {
  t.equal((await openToxicity('', silentLog)).name, 'lexicon');
});

t.test('a model answers its highest unsafe label, in the order of the texts', async (t) => {
  for (const file of ['model.onnx', 'onnx/model.onnx'] as const) {
    const folder = join(t.testdir({}), 'tiny-detoxify');
    writeTinyClassifier(folder, { labels: DETOXIFY, words, file });
    const scorer = await openToxicity(folder, silentLog);
    t.equal(scorer.name, 'tiny-detoxify');
    const scores = await scorer.score(['pretty pretty pretty', 'pretty filth', 'man', 'pretty', '']);
    t.ok(near(scores[0], sigmoid(-6)));
    t.ok(near(scores[1], sigmoid(4)), `${scores[1]}`);
    t.ok(near(scores[2], sigmoid(-6)), 'naming a man is not unsafe');
    t.ok(near(scores[3], sigmoid(-6)));
    t.equal(scores[4], 0, 'an empty text is safe');
  }
});

t.test('nothing hides behind a long beginning', async (t) => {
  const folder = join(t.testdir({}), 'tiny');
  writeTinyClassifier(folder, { labels: DETOXIFY, words });
  const scorer = await openToxicity(folder, silentLog);
  const [score] = await scorer.score([`${'pretty '.repeat(2_000)}filth`]);
  t.ok(near(score, sigmoid(4)));
});

t.test('labels that exclude each other go through a softmax', async (t) => {
  const folder = join(t.testdir({}), 'tiny');
  writeTinyClassifier(folder, {
    labels: ['non-toxic', 'toxic'],
    words: { pretty: [3, 0], filth: [0, 2] },
    problemType: 'single_label_classification',
  });
  const scorer = await openToxicity(folder, silentLog);
  const scores = await scorer.score(['pretty', 'filth']);
  t.ok(near(scores[0], 1 / (1 + Math.exp(3))));
  t.ok(near(scores[1], 1 / (1 + Math.exp(-2))));
});

t.test('a folder that is no such model is refused by name before anything is served', async (t) => {
  const folder = join(t.testdir({}), 'tiny');
  await t.rejects(openToxicity(folder, silentLog), {
    code: 'toxicity-model-invalid',
    message: /config\.json/,
  });
  writeTinyClassifier(folder, { labels: ['cat', 'dog'], words: { a: [0, 0] } });
  await t.rejects(openToxicity(folder, silentLog), { code: 'toxicity-model-invalid', message: /no label/ });
  writeFileSync(join(folder, 'config.json'), '{"id2label":');
  await t.rejects(openToxicity(folder, silentLog), {
    code: 'toxicity-model-invalid',
    message: /cannot be read/,
  });
  writeTinyClassifier(folder, { labels: DETOXIFY, words });
  rmSync(join(folder, 'onnx'), { recursive: true });
  await t.rejects(openToxicity(folder, silentLog), {
    code: 'toxicity-model-invalid',
    message: /model\.onnx/,
  });
});

t.test('a broken model file is a named, passing error, not a crash and not a safe score', async (t) => {
  const folder = join(t.testdir({}), 'tiny');
  writeTinyClassifier(folder, { labels: DETOXIFY, words });
  writeFileSync(join(folder, 'onnx/model.onnx'), 'half a mod');
  const scorer = await openToxicity(folder, silentLog);
  await t.rejects(scorer.score(['pretty']), { code: 'toxicity-unavailable', status: 503 });
  writeTinyClassifier(folder, { labels: DETOXIFY, words });
  t.ok(near((await scorer.score(['filth']))[0], sigmoid(4)), 'and it works once the file is whole');
});
