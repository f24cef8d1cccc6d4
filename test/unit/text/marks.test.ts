import t from 'tap';
import { openMarks, TEXT_MARK } from '../../../src/text/index.ts';

const marks = openMarks();
const { minor, sexual } = TEXT_MARK;

t.test('words for a child are found, ages too, however they are written', async (t) => {
  for (const text of [
    ...[
      'a child at play',
      'two k1ds',
      'ch\u200bild',
      'сhild',
      'l o l i',
      'young girl, garden',
      'Ｔｏｄｄｌｅｒ',
    ],
    ...[
      '13 yo',
      '16yo',
      'a 9-year-old',
      'fourteen years old',
      '12 y.o.',
      '15 yrs old',
      'aged 8',
      'age: eleven',
    ],
  ])
    t.equal(marks(text), minor, text);
});

t.test('words for a sexual context are found', async (t) => {
  for (const text of ['nude', 'n.u.d.e', 'p0rn', 'NSFW, best quality', 'nаked'])
    t.equal(marks(text), sexual, text);
  t.equal(marks('schoolgirl, n u d e'), minor | sexual);
  t.equal(marks('lolicon'), minor | sexual);
});

t.test('what only looks alike is none', async (t) => {
  for (const text of [
    ...['', 'a castle in fog', 'sd15, 8k, 16:9', 'ten years of war', '5 years later', 'Sussex', 'assassin'],
    ...['aged 40', '30 years old', 'an aged oak', '18 yo', 'stage 4 of the race', 'page 12', 'Kidderminster'],
  ])
    t.equal(marks(text), 0, text);
});
