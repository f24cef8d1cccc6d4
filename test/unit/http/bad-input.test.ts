import t from 'tap';
import { unavailable } from '../../../src/errors.ts';
import { buildHttp } from '../../../src/http/index.ts';
import { BAD, refuses } from '../../support/bad-input.ts';
import { fakeParts } from '../../support/fakes.ts';

const app = await buildHttp(fakeParts().parts);
t.teardown(() => app.close());

for (const bad of BAD)
  t.test(`${bad.why} is answered ${bad.status} ${bad.code}`, (t) => refuses(t, app, bad));

t.test('a fault of ours is told as a request id and logged whole', async (t) => {
  const logged: { err?: Error; requestId?: string }[] = [];
  const { parts } = fakeParts();
  parts.log = { ...parts.log, error: ((entry: { err?: Error }) => logged.push(entry)) as never };
  parts.events.getUser = async () => {
    throw new Error('password=secret in a stack');
  };
  const faulty = await buildHttp(parts);
  t.teardown(() => faulty.close());
  const answer = await faulty.inject('/users/a');
  t.equal(answer.statusCode, 500);
  t.notMatch(answer.body, /secret/u);
  t.equal(answer.json().code, 'internal');
  t.match(logged[0], { err: { message: /secret/u }, requestId: answer.json().requestId });
});

t.test('figures are told while the database is away, all but those it alone knows', async (t) => {
  const { parts } = fakeParts();
  const counts = async () => Promise.reject(unavailable('database-unavailable', 'Away.'));
  const away = await buildHttp({
    ...parts,
    trainings: { ...parts.trainings, counts },
    catalog: { ...parts.catalog, heldBackCounts: counts },
    outbox: { lag: counts },
  });
  t.teardown(() => away.close());
  const answer = await away.inject('/metrics');
  t.equal(answer.statusCode, 200);
  t.match(answer.body, /hamlet_http_in_flight 1/u);
  t.notMatch(answer.body, /hamlet_(?:trainings|held_back_items|outbox_lag_versions)\{/u);
});

t.test('a database that went away is a 503 with Retry-After', async (t) => {
  const { parts } = fakeParts();
  parts.events.getUser = async () => {
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  };
  const faulty = await buildHttp(parts);
  t.teardown(() => faulty.close());
  const answer = await faulty.inject('/users/a');
  t.equal(answer.statusCode, 503);
  t.equal(answer.json().code, 'database-unavailable');
  t.equal(answer.headers['retry-after'], '1');
});
