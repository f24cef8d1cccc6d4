import fc from 'fast-check';
import t from 'tap';
import { isCleanJson, isCleanText, parsePrompt, plainText } from '../../../src/text/index.ts';

const clean = (text: string) => parsePrompt(text).clean;

t.test('a prompt names its LoRAs with their weights, and reads without them', async (t) => {
  t.same(parsePrompt('a castle, <lora:add_detail:0.8>, sunset <lyco:Old Paint:-1:0.5> <lora:plain>'), {
    clean: 'a castle, sunset',
    loras: [
      { name: 'add_detail', weight: 0.8 },
      { name: 'Old Paint', weight: -1 },
      { name: 'plain', weight: 1 },
    ],
  });
});

t.test('emphasis goes and its words stay', async (t) => {
  t.equal(clean('(soft light:1.3), ((castle)), [fog], {river}'), 'soft light, castle, fog, river');
  t.equal(clean('a (red (bright:1.2) door:0.9)'), 'a red bright door');
});

t.test('both sides of prompt editing and alternation stay', async (t) => {
  t.equal(clean('[cow:horse:0.5] in a [red|blue] field'), 'cow, horse in a red, blue field');
});

t.test('escaped brackets are text', async (t) => {
  t.equal(clean('alice \\(wonderland\\), tea'), 'alice (wonderland), tea');
});

t.test('colons and numbers that are no weights stay', async (t) => {
  t.equal(clean('ratio 16:9, time: noon'), 'ratio 16:9, time: noon');
});

t.test('a hostile prompt takes no longer than its length deserves', async (t) => {
  const hostile = ['<lora:', '((((', '[a|', '\\(', '(a:1', ', ,', '<lora:a:', '[[[:'].map((part) =>
    part.repeat(20_000 / part.length),
  );
  const started = performance.now();
  for (const prompt of hostile) parsePrompt(prompt);
  t.ok(performance.now() - started < 1_000);
});

t.test('parsing never throws and never invents a LoRA without a name', async () => {
  const piece = fc.constantFrom('<lora:', ':', '>', '(', ')', '[', ']', '|', '\\', '0.8', 'a', ' ', ',', 'é');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const { loras } = parsePrompt(pieces.join(''));
      return loras.every(({ name, weight }) => name.trim() !== '' && Number.isFinite(weight));
    }),
  );
});

t.test('a description is read without its HTML', async (t) => {
  t.equal(plainText('<p>Old&nbsp;oil <b>paint</b> &amp; &lt;3</p><br/>'), 'Old oil paint & <3');
});

t.test('NUL and lone surrogates are found anywhere in a value', async (t) => {
  t.equal(isCleanText('naïve 🏰'), true);
  t.equal(isCleanText('a\0'), false);
  t.equal(isCleanText('\udc00a'), false);
  t.equal(isCleanJson({ a: [{ b: 'x' }], c: 1, d: null }), true);
  t.equal(isCleanJson({ a: [{ b: '\ud83c' }] }), false);
  t.equal(
    isCleanJson(JSON.parse('['.repeat(5_000) + ']'.repeat(5_000))),
    false,
    'too deep to be looked through',
  );
});
