import t from 'tap';
import { type Random, seededRandom } from '../../../src/recommend/random.ts';
import { learnedFrom, RANKING, rankByVlm, type ShownItem, UNHEARD } from '../../../src/rerank/index.ts';
import type { Question } from '../../../src/vlm/index.ts';

/** A model that likes later numbers better, or whatever chance says, and what it was asked. */
function planted(most: number, chance?: Random) {
  const asked: { pictures: number }[] = [];
  return {
    asked,
    pictures: { most, side: 96 },
    async ask<T>({ parts, read }: Question<T>) {
      asked.push({ pictures: parts.filter((part) => 'picture' in part).length });
      const numbers = parts.flatMap((part) =>
        'text' in part ? (/"title":"(\d+)"/u.exec(part.text)?.[1] ?? []) : [],
      );
      const scores = numbers.map((number, n) => ({
        ...{ item: String(n + 1), score: chance ? 10 * chance.next() : Number(number) / 2 },
      }));
      return { value: read({ scores }), tokens: 10, ms: 1, repaired: false };
    },
  };
}
const items = (count: number, pictures: number): ShownItem[] =>
  Array.from({ length: count }, (_, n) => ({
    ...{ id: `i${n}`, kind: 'model' as const, text: { title: String(n), prompt: '', tags: [] } },
    pictures: Array.from({ length: pictures }, () => Buffer.from('jpeg')),
  }));
const PREFERENCES = [{ id: 'p1', text: 'x', likes: [], avoids: [] }];
const best = async (vlm: ReturnType<typeof planted>, shown: ShownItem[]) =>
  (await rankByVlm(vlm, PREFERENCES, shown)).items.map(({ id }) => id);

t.test('a list of twenty takes at most eight calls, whatever a call may hold', async (t) => {
  for (const [most, pictures] of [
    [16, 1],
    [16, 3],
    [33, 3],
    [44, 3],
  ] as const) {
    const vlm = planted(most);
    t.same((await best(vlm, items(20, pictures))).slice(0, 3), ['i19', 'i18', 'i17']);
    t.ok(vlm.asked.length <= 8, `${vlm.asked.length} calls`);
    t.ok(vlm.asked.every((call) => call.pictures <= most));
  }
});

t.test(
  'a model that is known to agree with itself is asked less; one that does not is asked in full',
  async (t) => {
    const lastOfTwenty = async (vlm: ReturnType<typeof planted>) => {
      let known = UNHEARD;
      let calls = 0;
      for (let list = 0; list < 20; list++) {
        const ranking = await rankByVlm(vlm, PREFERENCES, items(20, 1), { ...RANKING, known });
        known = learnedFrom(known, ranking.lesson);
        calls = ranking.calls;
      }
      return calls;
    };
    t.ok((await lastOfTwenty(planted(16))) <= 6);
    t.equal(await lastOfTwenty(planted(16, seededRandom(1))), 8);
  },
);

t.test('a model is seen by as many of its pictures as a call has room for', async (t) => {
  const picturesOf = async (most: number, count: number) => {
    const vlm = planted(most);
    await best(vlm, items(count, 3));
    return Math.max(...vlm.asked.map(({ pictures }) => pictures));
  };
  t.equal(await picturesOf(33, 20), 33);
  t.equal(await picturesOf(16, 20), 11);
  t.equal(await picturesOf(16, 5), 15);
  t.equal(await picturesOf(2, 3), 2);
});
