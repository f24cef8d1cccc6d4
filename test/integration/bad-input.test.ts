import t from 'tap';
import { openApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { BAD, refuses } from '../support/bad-input.ts';
import { newHome } from '../support/own-server.ts';

const app = await openApp(loadConfig({}, { HAMLET_HOME: newHome(t), DEMO_WORLD: 'none' }), silentLog);
t.teardown(app.close);

/** An expired cursor needs a day; the recommender's tests have one. */
const HERE = BAD.filter(({ code }) => code !== 'cursor-expired');
for (const bad of HERE)
  t.test(`the whole service: ${bad.why} is answered ${bad.status} ${bad.code}`, (t) =>
    refuses(t, app.http, bad),
  );
