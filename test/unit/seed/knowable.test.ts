import t from 'tap';
import { drawFrom } from '../../../seed/draw.ts';
import { PALETTE_NAMES, STYLE_NAMES, SUBJECT_NAMES } from '../../../seed/grammar.ts';
import type { Evidence } from '../../../seed/knowable/evidence.ts';
import { type Belief, Posterior } from '../../../seed/knowable/posterior.ts';
import { cellOf, tablesOf } from '../../../seed/knowable/tables.ts';
import { likesModel, likesRecipe, makeTaste } from '../../../seed/taste.ts';

const recipes = STYLE_NAMES.flatMap((style) =>
  PALETTE_NAMES.flatMap((palette) => SUBJECT_NAMES.map((subject) => ({ style, palette, subject }))),
);

t.test('tables say of every picture and LoRA what the planted taste says', async (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const taste = makeTaste(drawFrom(seed));
    const { cells, subjects } = tablesOf(taste);
    for (const { style, palette, subject } of recipes)
      if (
        cells[cellOf(style, palette)]! * subjects[SUBJECT_NAMES.indexOf(subject)]! !==
        likesRecipe(taste, { style, palette, subject } as never)
      )
        t.fail(`${style} ${palette} ${subject} of taste ${seed}`);
    for (const style of STYLE_NAMES)
      if (cells[cellOf(style, null)] !== likesModel(taste, { styles: [{ style, weight: 1 }], palette: null }))
        t.fail(`${style} of taste ${seed}`);
  }
  t.equal(recipes.length, 1536, 'of every recipe');
});

t.test('whoever looked at enough has their taste found from any beginning', async (t) => {
  const draw = drawFrom(7);
  const planted = makeTaste(draw);
  const seen: Evidence['seen'] = Array.from({ length: 6000 }, () => {
    const recipe = draw.pick(recipes);
    const affinity = likesRecipe(planted, recipe as never);
    return {
      ...{
        at: 0.5,
        id: '',
        kind: 'image' as const,
        made: 1,
        subject: recipe.subject,
        palette: recipe.palette,
      },
      styles: [{ style: recipe.style, weight: 1 }],
      ...{ clicked: draw.chance(0.04 + 0.6 * affinity), liked: draw.chance(0.003 + 0.85 * affinity) },
      disliked: false,
    };
  });
  const posterior = new Posterior({ seen, sought: [], made: [] }, draw);
  const beliefs: Belief[] = [];
  const cooling = (step: number) => Math.max(1, 12 - step / 120);
  posterior.walk(posterior.fromPrior(false), 3000, cooling, (belief) => beliefs.push(belief));
  const likeliest = beliefs.at(-1)!.before.taste;
  const of = ({ interests }: typeof planted) =>
    interests.map(({ style, palettes }) => `${style} ${palettes[0]}`);
  t.same(of(likeliest).sort(), of(planted).sort(), 'styles and favourite colours');
  t.same(likeliest.subjects.toSorted(), planted.subjects.toSorted(), 'subjects');
});
