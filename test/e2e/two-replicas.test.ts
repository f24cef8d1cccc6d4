import t from 'tap';
import { type ApiProcess, startApi } from '../support/api-process.ts';
import { newHome } from '../support/own-server.ts';
import { patientFetch } from '../support/patient.ts';

type Page = { recommendationId: string; items: { id: string }[]; nextCursor: string };
const ROUNDS = 12;

async function ask<T>(api: ApiProcess, path: string, init?: RequestInit): Promise<T> {
  const answer = await patientFetch(`${api.url}${path}`, init);
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}
const idsOf = ({ items }: Page) => items.map(({ id }) => id);
const listOf = (api: ApiProcess, person: string) =>
  ask<Page>(api, `/users/${person}/recommendations?limit=100`);
let sent = 0;
const eventOf = (userId: string, itemId: string, type: string) => ({
  ...{ eventId: `replica-${++sent}`, userId, itemKind: 'image', itemId, type },
  occurredAt: new Date().toISOString(),
});
const post = (api: ApiProcess, event: object) =>
  ask<{ results: { status: string }[] }>(api, '/events', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ events: [event] }),
  });
const send = (api: ApiProcess, person: string, itemId: string, type: string) =>
  post(api, eventOf(person, itemId, type));

t.test('two api processes over one database are one Hamlet', { timeout: 110_000 }, async (t) => {
  const home = newHome(t);
  const one = await startApi(home);
  const two = await startApi(home);
  t.teardown(() => Promise.all([one.stop(), two.stop()]));
  const both = [one, two] as const;

  await t.test('what one accepts is in the very next list of the other', async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const [here, there] = round % 2 === 0 ? both : [two, one];
      // Both hold the person's state in memory, so that a stale one would show.
      const [before] = await Promise.all([listOf(there, 'user-7'), listOf(here, 'user-7')]);
      const touched = idsOf(before)[round % 3]!;
      await send(here, 'user-7', touched, round % 3 === 0 ? 'hide' : 'like');
      t.notOk(idsOf(await listOf(there, 'user-7')).includes(touched), `round ${round}`);
    }
  });

  await t.test('a list made by one is paged through at the other', async (t) => {
    const first = await ask<Page>(one, '/users/user-3/recommendations?limit=10');
    const path = `/users/user-3/recommendations?limit=10&cursor=${first.nextCursor}`;
    const next = await ask<Page>(two, path);
    t.equal(next.recommendationId, first.recommendationId);
    t.same(idsOf(next), idsOf(await ask<Page>(one, path)), 'and says the same');
    t.same(
      idsOf(next).filter((id) => idsOf(first).includes(id)),
      [],
    );
  });

  await t.test(
    'what one deletes the other serves no more, not even on a page of an older list',
    async (t) => {
      const first = await ask<Page>(two, '/users/user-5/recommendations?limit=2');
      const rest = await ask<Page>(two, `/users/user-5/recommendations?limit=100&cursor=${first.nextCursor}`);
      const gone = idsOf(rest)[0]!;
      await ask(one, `/items/image/${encodeURIComponent(gone)}`, { method: 'DELETE' });
      t.notOk(idsOf(await listOf(two, 'user-5')).includes(gone));
      const again = await ask<Page>(
        two,
        `/users/user-5/recommendations?limit=100&cursor=${first.nextCursor}`,
      );
      t.notOk(idsOf(again).includes(gone));
    },
  );

  await t.test('the same event sent to both at once counts once', async (t) => {
    const likes = { ...eventOf('user-9', 'somewhere-else', 'like'), eventId: 'sent-twice' };
    const answers = await Promise.all(both.map((api) => post(api, likes)));
    t.same(answers.map(({ results }) => results[0]!.status).sort(), ['accepted', 'duplicate']);
  });
});
