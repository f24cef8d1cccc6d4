import type { Page } from 'playwright-core';
import t from 'tap';
import { buildHttp } from '../../src/http/index.ts';
import { openBrowser, seriousFindings, until } from '../support/browser.ts';
import { fakeParts } from '../support/fakes.ts';
import { walkByKeyboard } from '../support/keyboard.ts';

/** Every address of the console. */
const VIEWS = [
  ...['/', '/?kind=models', '/people/ada', '/people/ada/taste', '/people/ada/next'],
  ...['/experiments', '/experiments/new', '/experiments/none', '/evaluations', '/studio', '/studio/dpo'],
  ...['/models', '/safety', '/safety/index', '/safety/parts', '/safety/search?text=a+boat'],
];
const AT = '2026-11-24T20:00:00Z';
const JOB = {
  ...{ id: 'j1', kind: 'train-sasrec', spec: {}, dataset: null, state: 'running', attempt: 1, result: null },
  ...{ sidecar: null, cancelRequested: false, progress: 0.25, metrics: {}, log: [], error: null },
  ...{ createdAt: AT, startedAt: AT, finishedAt: null },
};

t.setTimeout(300_000);
t.test('the console, when something is odd', { timeout: 290_000 }, async (t) => {
  const app = await buildHttp(fakeParts({ RATE_LIMIT: 100_000 }).parts);
  const [url, browser] = await Promise.all([app.listen({ port: 0, host: '127.0.0.1' }), openBrowser()]);
  t.teardown(() => app.close());
  t.teardown(() => browser.close());
  const newPage = async () => {
    const page = await (await browser.newContext({ baseURL: url })).newPage();
    page.setDefaultTimeout(30_000);
    return page;
  };
  const page = await newPage();

  await t.test('a service that went away is asked again until it is back', async () => {
    await page.route('**/admin/models', (route) => route.abort());
    await page.goto('/models');
    await page.getByText('The service does not answer').waitFor();
    await page.unroute('**/admin/models');
    await page.getByRole('heading', { name: 'item-graph-image' }).waitFor();
  });

  await t.test('a job is followed across the end of the process that told of it', async () => {
    let asked = 0;
    await page.route('**/admin/trainings', (route) => route.fulfill({ json: { trainings: [JOB] } }));
    await page.route('**/admin/trainings/j1/events', (route) => {
      asked++;
      if (asked === 1) return route.abort('connectionreset');
      const done = { ...JOB, state: 'done', progress: 1, finishedAt: AT };
      return route.fulfill({ contentType: 'text/event-stream', body: `data: ${JSON.stringify(done)}\n\n` });
    });
    await page.goto('/models');
    await page.locator('.panel .badge.good', { hasText: 'done' }).waitFor();
    await page.unrouteAll();
  });

  await t.test(
    'an address that is none says so: to a person as a page, to a program as a problem',
    async (t) => {
      const answer = await page.goto('/recommendation');
      t.equal(answer!.status(), 404);
      await page.getByRole('heading', { name: 'Not found' }).waitFor();
      t.equal(await page.title(), 'Not found · Hamlet');
      t.same(await seriousFindings(page), []);
      await page.locator('main').getByRole('link', { name: 'Home' }).click();
      await page.getByRole('heading', { name: 'Home' }).waitFor();
      const told = await fetch(`${url}/recommendation`);
      t.equal(told.status, 404);
      t.equal(told.headers.get('content-type'), 'application/problem+json');
      t.match(await told.json(), { code: 'route-unknown' });
    },
  );

  await t.test(
    'the routes to try are shown by this service alone, and nothing of theirs is refused',
    async (t) => {
      const docs = await newPage();
      const said: string[] = [];
      docs.on('console', (message) => message.type() === 'error' && said.push(message.text()));
      docs.on('request', (request) => {
        if (new URL(request.url()).origin !== url && !request.url().startsWith('data:'))
          said.push(request.url());
      });
      await docs.goto('/docs');
      await docs.locator('.opblock-tag').first().click();
      await docs.locator('.opblock-summary-control').first().click();
      await docs.locator('.opblock-body').first().waitFor();
      t.same(said, []);
      await docs.close();
    },
  );

  await t.test('a view that fails takes nothing else with it', async (t) => {
    await page.route('**/admin/evaluations', (route) =>
      route.fulfill({ json: { evaluations: [{ id: 'x' }] } }),
    );
    await page.goto('/evaluations');
    await page.getByText('This view failed').waitFor();
    await page.getByRole('link', { name: 'Experiments' }).click();
    await page.getByRole('heading', { name: 'Experiments' }).waitFor();
    t.equal(await page.getByText('This view failed').count(), 0);
    await page.unrouteAll();
  });

  await t.test('a form says which of its fields is wrong, and writes over nothing', async (t) => {
    await page.goto('/experiments/new');
    const write = page.getByRole('button', { name: 'Write it down' });
    await write.click();
    t.ok(await invalid(page, 'Key'), 'empty');
    await page.getByLabel('Key', { exact: true }).fill('Größer 🚀');
    t.ok(await invalid(page, 'Key'), 'other letters');
    await page.getByLabel('Key', { exact: true }).fill('mine');
    await page.getByLabel('Hypothesis').fill('🙂'.repeat(900));
    await page.getByLabel('Harm it tolerates').fill('-1');
    await write.click();
    t.ok(await invalid(page, 'Harm it tolerates'));
    await page.getByLabel('Harm it tolerates').fill('0.1');
    await page.getByLabel('What it overrides').fill('{"depth": }');
    await write.click();
    await page.getByText('“What it overrides” is not JSON').waitFor();
    await page.getByLabel('What it overrides').fill('{}');
    let put = 0;
    await page.route('**/admin/experiments/mine', (route) => {
      if (route.request().method() === 'PUT') put++;
      return route.fulfill({ json: {} });
    });
    await write.click();
    await page.getByText('There is an experiment “mine” already').waitFor();
    t.equal(put, 0);
    await page.unrouteAll();
  });

  await t.test('what opens over the page closes by Escape, and by a click elsewhere', async (t) => {
    await page.goto('/?person=ada');
    const menu = page.locator('.key');
    await menu.locator('summary').click();
    await page.getByLabel('API key').press('Escape');
    t.equal(await menu.getAttribute('open'), null);
    t.ok(await page.evaluate(`document.activeElement === document.querySelector('.key summary')`));
    await menu.locator('summary').click();
    await page.getByRole('heading', { name: 'Home' }).click();
    t.equal(await menu.getAttribute('open'), null);
  });

  await t.test('whoever has a keyboard alone reaches all, in order, and sees where they are', async (t) => {
    for (const view of [
      '/',
      '/people/ada/next',
      '/experiments/new',
      '/evaluations',
      '/studio',
      '/models',
      '/safety',
    ]) {
      await page.goto(view);
      await page.locator('main h1').waitFor();
      await until(page, `!document.querySelector('.loading')`);
      const { reached, wrong } = await walkByKeyboard(page);
      t.same(wrong, [], view);
      t.match(reached[0], /Skip to the content/u);
      t.ok(reached.length > 10);
    }
  });

  await t.test('after a deed the keyboard goes on from what it did', async () => {
    await page.goto('/?person=ada');
    await page
      .getByRole('button', { name: /^Like ?: / })
      .first()
      .focus();
    await page.keyboard.press('Enter');
    await page.getByText(/^Liked “/u).waitFor();
    await until(page, 'document.activeElement !== document.body');
  });

  await t.test('a search by nothing asks nothing; back and reload bring the words back', async (t) => {
    await page.goto('/safety/search');
    await page.getByLabel('What is to be seen').fill('   ');
    await page.keyboard.press('Enter');
    t.match(page.url(), /\/safety\/search$/u);
    for (const words of ['a boat', '<b>🙂 & "x"']) {
      await page.getByLabel('What is to be seen').fill(words);
      await page.keyboard.press('Enter');
      await page.locator('.found li').first().waitFor();
    }
    await page.goBack();
    await until(page, `document.querySelector('input[type=search]').value === 'a boat'`);
    await page.reload();
    await page.locator('.found li').first().waitFor();
    t.equal(await page.getByLabel('What is to be seen').inputValue(), 'a boat');
  });

  await t.test('whoever has any id has a page: long, with slashes, in any script', async (t) => {
    for (const id of ['a/b?c#d', '🦉 naïve', 'x'.repeat(256)]) {
      await page.goto('/people/ada');
      await page.getByRole('combobox', { name: 'Person' }).fill(id);
      await page.keyboard.press('Enter');
      await page.getByText('has done nothing yet').waitFor();
      t.equal(decodeURIComponent(new URL(page.url()).pathname), `/people/${id}`);
      t.ok(await fitsWidth(page));
    }
  });

  await t.test('every view, in the dark on a phone and in the light at twice the size', async (t) => {
    const looks = [
      { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
      { colorScheme: 'light', viewport: { width: 640, height: 425 } },
    ] as const;
    for (const look of looks) {
      const page = await (await browser.newContext({ baseURL: url, ...look })).newPage();
      for (const view of VIEWS) {
        await page.goto(view);
        await page.locator('main h1').waitFor();
        await until(page, `!document.querySelector('.loading')`);
        if (look.colorScheme === 'dark') t.same(await seriousFindings(page), [], view);
        t.ok(await fitsWidth(page), `${view} needs no scrolling sideways at ${look.viewport.width}`);
        t.ok(await namesView(page), `${view} is named in the row of views`);
      }
      await page.close();
    }
  });
});

const invalid = (page: Page, label: string) =>
  page
    .getByLabel(label, { exact: label === 'Key' })
    .evaluate((field: { checkValidity(): boolean }) => !field.checkValidity());

const fitsWidth = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth');

/** Whether the row of views, where it scrolls, shows the one that is looked at. */
const namesView = (page: Page) =>
  page.evaluate(`(() => {
    const { left, right } = document.querySelector('nav[aria-label=Views] [aria-current]').getBoundingClientRect();
    return left >= 0 && right <= innerWidth + 1;
  })()`);
