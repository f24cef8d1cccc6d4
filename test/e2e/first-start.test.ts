import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { worldSize } from '../../seed/index.ts';
import { makeWorld } from '../../seed/world.ts';
import { openDatabase } from '../../src/db/index.ts';
import { silentLog } from '../../src/log.ts';
import { startApi } from '../support/api-process.ts';
import { newHome } from '../support/own-server.ts';
import { patientFetch } from '../support/patient.ts';

type Page = {
  recommendationId: string;
  items: {
    id: string;
    kind: string;
    title: string;
    url: string;
    position: number;
    sources: string[];
    explanation: { text: string; source: string; evidence: string[] };
  }[];
  degraded: unknown[];
  nextCursor: string | null;
};

const home = newHome(t);
const person = 'user-7';

async function ask<T>(url: string, init?: RequestInit): Promise<T> {
  const answer = await patientFetch(url, init);
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status} ${JSON.stringify(body)}`);
  return body as T;
}
const listOf = (url: string, query = 'limit=20') =>
  ask<Page>(`${url}/users/${person}/recommendations?${query}`);
/** While a busy machine still warms up, a source may miss its deadline, and the list says so. */
async function wholeList(url: string): Promise<Page> {
  for (;;) {
    const page = await listOf(url);
    if (page.degraded.length === 0) return page;
    await sleep(500);
  }
}
const send = (url: string, itemId: string, type: string, n: number) =>
  ask<{ results: { status: string }[] }>(`${url}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      events: [
        {
          eventId: `first-${n}`,
          userId: person,
          itemKind: 'image',
          itemId,
          type,
          occurredAt: new Date().toISOString(),
        },
      ],
    }),
  });

t.test(
  'the first start shows a world, and what a person does is in the next list',
  { timeout: 110_000 },
  async (t) => {
    const api = await startApi(home, { DEMO_WORLD: 'small' });
    t.teardown(() => api.stop());

    const first = await wholeList(api.url);
    t.equal(first.items.length, 20);
    t.same(
      first.items.map((item) => item.position),
      Array.from({ length: 20 }, (_, i) => i),
    );
    t.ok(
      first.items.every((item) => item.title && item.url && item.sources.length > 0 && item.explanation.text),
    );
    t.ok(
      first.items.some(
        (item) => item.explanation.source === 'history' && item.explanation.evidence.length > 0,
      ),
    );

    const picture = await patientFetch(new URL(first.items[0]!.url, api.url));
    t.equal(picture.status, 200);
    t.match(picture.headers.get('content-type'), /^image\//);

    const second = await ask<Page>(
      `${api.url}/users/${person}/recommendations?cursor=${first.nextCursor}&limit=20`,
    );
    const both = [...first.items, ...second.items].map((item) => item.id);
    t.equal(new Set(both).size, both.length, 'pages never overlap');

    const hidden = first.items[0]!.id;
    t.equal((await send(api.url, hidden, 'hide', 1)).results[0]!.status, 'accepted');
    t.notOk((await listOf(api.url, 'limit=100')).items.some((item) => item.id === hidden));
    const liked = first.items[1]!.id;
    await send(api.url, liked, 'like', 2);
    const after = await listOf(api.url, 'limit=100');
    t.notOk(
      after.items.some((item) => item.id === liked),
      'seen items do not come back',
    );
    t.ok(
      after.items.some((item) => item.explanation.evidence.includes(liked)),
      'the like explains new items',
    );

    t.equal((await send(api.url, liked, 'like', 2)).results[0]!.status === 'accepted', false);
    const models = await listOf(api.url, 'kind=models&limit=10');
    t.ok(models.items.length > 0 && models.items.every((item) => item.kind === 'model'));
    const stranger = await ask<Page>(`${api.url}/users/nobody-yet/recommendations`);
    t.equal(stranger.items.length, 20);
  },
);

t.test(
  'killed and started again, it has lost nothing and does not seed twice',
  { timeout: 110_000 },
  async (t) => {
    const before = await startApi(home, { DEMO_WORLD: 'small' });
    const list = await listOf(before.url);
    await send(before.url, list.items[2]!.id, 'hide', 3);
    before.child.kill('SIGKILL');
    const api = await startApi(home, { DEMO_WORLD: 'small' });
    t.teardown(() => api.stop());
    const again = await listOf(api.url, 'limit=100');
    t.notOk(again.items.some((item) => item.id === list.items[2]!.id));
    t.match(await send(api.url, list.items[2]!.id, 'hide', 3), {
      results: [{ status: /duplicate|conflict/ }],
    });
    t.ok(again.items.length > 20);
  },
);

t.test(
  'a first start that is killed while it fills the world is taken up where it was cut',
  { timeout: 110_000 },
  async (t) => {
    const cut = newHome(t);
    const child = spawn(process.execPath, [resolve(import.meta.dirname, '../../src/cli.ts'), 'serve'], {
      env: { ...process.env, HAMLET_HOME: cut, DEMO_WORLD: 'small', PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    for await (const chunk of child.stdout) {
      said += chunk;
      if (said.includes('demo world: events')) break;
    }
    child.kill('SIGKILL');
    t.notMatch(said, /hamlet serves/);

    const api = await startApi(cut, { DEMO_WORLD: 'small' });
    t.teardown(() => api.stop());
    const db = await openDatabase({ DATABASE_URL: '', DATABASE_POOL: 2, HAMLET_HOME: cut }, silentLog);
    t.teardown(() => db.close());
    const { rows } = await db.pool.query<{ items: number; events: number }>(
      'select (select count(*)::int from items) as items, (select count(*)::int from events) as events',
    );
    const world = makeWorld(worldSize('small'));
    t.same(rows, [{ items: world.items.length, events: world.events.length }]);
  },
);
