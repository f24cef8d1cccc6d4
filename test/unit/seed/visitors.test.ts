import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { affinityToPicture } from '../../../seed/affinity.ts';
import { drawFrom } from '../../../seed/draw.ts';
import { worldSize } from '../../../seed/index.ts';
import { simulateTraffic } from '../../../seed/visitors/index.ts';
import { picturesOf, visitorsOf } from '../../../seed/visitors/people.ts';
import { lookThrough } from '../../../seed/visitors/visit.ts';

const WORLD = worldSize('small');
const pictures = picturesOf(WORLD);
const people = visitorsOf(WORLD, 120, 1);

t.test('visitors are the world’s own people first, then newcomers with names of their own', async (t) => {
  t.equal(people[0]!.id, 'user-1');
  t.match(people[119]!.id, /^visitor-1-1-/u);
  t.equal(new Set(people.map(({ id }) => id)).size, 120);
});

t.test('the top of a page is looked at more, and what is liked is clicked more', async (t) => {
  const draw = drawFrom(1);
  const page = [...pictures.values()].slice(0, 20);
  const looked = { top: 0, bottom: 0 };
  const liking = { liked: [0, 0], other: [0, 0] };
  for (let n = 0; n < 3000; n++) {
    const person = people[n % people.length]!;
    const { deeds } = lookThrough(person, page, 1, draw);
    const on = (type: string) => deeds.filter((deed) => deed.type === type && deed.kind === 'image');
    looked.top += on('view').filter(({ position }) => position! < 5).length;
    looked.bottom += on('view').filter(({ position }) => position! >= 15).length;
    for (const { position, id } of on('view')) {
      const group = affinityToPicture(person, page[position!]!, 1) > 0.3 ? liking.liked : liking.other;
      group[1]!++;
      group[0]! += Number(on('click').some((deed) => deed.id === id));
    }
  }
  t.ok(looked.top > 3 * looked.bottom, `${looked.top} beside ${looked.bottom}`);
  const rate = ([clicked, seen]: number[]) => clicked! / seen!;
  t.ok(rate(liking.liked) > 2 * rate(liking.other), `${rate(liking.liked)} beside ${rate(liking.other)}`);
});

t.test('over HTTP, a service that knows tastes is liked more; every deed names its list', async (t) => {
  const lists = new Map<string, string>();
  const told: { userId: string; recommendationId: string; position?: number }[] = [];
  const best = (person: (typeof people)[0]) =>
    [...pictures.values()].sort((a, b) => affinityToPicture(person, b, 1) - affinityToPicture(person, a, 1));
  const service = createServer(async (request, response) => {
    if (request.method === 'POST') {
      let text = '';
      for await (const chunk of request) text += chunk;
      const { events } = JSON.parse(text);
      told.push(...events);
      response.end(JSON.stringify({ results: events.map(() => ({ status: 'accepted' })) }));
      return;
    }
    const id = decodeURIComponent(request.url!.split('/')[2]!);
    if (lists.size === 40) {
      lists.set('refused', id);
      response.writeHead(503).end();
      return;
    }
    const person = people.find((one) => one.id === id)!;
    const clever = people.indexOf(person) % 2 === 0;
    const shown = clever ? best(person) : [...pictures.values()];
    const recommendationId = `list-${lists.size}`;
    lists.set(recommendationId, id);
    const items = shown.slice(0, 20).map((picture) => ({ id: picture.id }));
    response.end(JSON.stringify({ recommendationId, variant: clever ? 'clever' : 'plain', items }));
  }).listen(0, '127.0.0.1');
  await new Promise((done) => service.once('listening', done));
  t.teardown(() => service.close());
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const report = await simulateTraffic({
    ...{ url, world: WORLD, visitors: 120, days: 1, seed: 1, surface: 'home', connections: 4 },
  });
  const { clever, plain } = report.byVariant;
  t.ok(clever!.meanAffinity > 2 * plain!.meanAffinity);
  t.ok(clever!.likes / clever!.lists > 2 * (plain!.likes / plain!.lists));
  t.ok(clever!.lists > plain!.lists, 'who likes what they see asks for more');
  t.equal(report.events, told.length);
  t.ok(told.every(({ userId, recommendationId }) => lists.get(recommendationId) === userId));
  t.same(report.refused, { 503: 1 });
  t.equal(report.unknownShare, 0);
});
