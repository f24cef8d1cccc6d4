import t from 'tap';
import { faultOfReason } from '../../../src/rerank/check.ts';
import { openLooks } from '../../../src/rerank/looks.ts';
import type { Said, ShownItem } from '../../../src/rerank/prompt.ts';
import type { Taste } from '../../../src/taste/index.ts';
import { lexiconScorer } from '../../../src/text/index.ts';
import { colourVocabulary, showing } from '../../support/colours.ts';

const taste: Taste = {
  ...{ user: 1, source: 'vlm', madeBy: 'test', digest: 'd', liked: [], madeAt: '' },
  preferences: [{ id: 'p1', text: 'Often red', likes: [], avoids: [], items: [] }],
};
const looks = openLooks()(colourVocabulary(), (item) => (item === 1 ? showing('red', 'round') : undefined));
const shown: ShownItem = {
  ...{ id: '1', kind: 'image', pictures: [] },
  text: { title: 'An old clock above the harbour gate', prompt: 'a red clock, oil on canvas', tags: [] },
};
const fault = (said: Partial<Said>) =>
  faultOfReason(
    {
      id: '1',
      score: 8,
      reason: 'It is red, like much that you liked.',
      preferences: ['p1'],
      attributes: ['red'],
      ...said,
    },
    shown,
    { taste, looks, toxicity: lexiconScorer() },
  );

t.test('a reason that names what is seen passes', async (t) => {
  t.equal(await fault({}), null);
});

t.test('a reason that names what the picture does not show is dropped, wherever it names it', async (t) => {
  t.equal(await fault({ attributes: ['red', 'blue'] }), 'attribute-unseen');
  t.equal(await fault({ reason: 'It is red and the sky is blue.' }), 'attribute-unseen');
  t.equal(await fault({ attributes: ['lighthouse'] }), 'attribute-unseen', 'nor what cannot be looked for');
});

t.test('a reason that names nothing says nothing', async (t) => {
  t.equal(await fault({ reason: 'This is what you will like.', attributes: [] }), 'attribute-unseen');
});

t.test('a reason that points to no taste of this person is dropped', async (t) => {
  t.equal(await fault({ preferences: [] }), 'preference-unknown');
  t.equal(await fault({ preferences: ['p1', 'p9'] }), 'preference-unknown');
});

t.test('empty, endless, foreign, copied and unsafe words are dropped', async (t) => {
  t.equal(await fault({ reason: ' ' }), 'empty');
  t.equal(await fault({ reason: `It is red ${'and red '.repeat(60)}` }), 'too-long');
  t.equal(await fault({ reason: 'Das Bild ist rot und rund.' }), 'other-language');
  t.equal(await fault({ reason: '赤い丸い絵です' }), 'other-language');
  t.equal(await fault({ reason: 'You like an old clock above the harbour gate.' }), 'copied');
  t.equal(await fault({ reason: 'It is red fucking nude porn.' }), 'unsafe');
});
