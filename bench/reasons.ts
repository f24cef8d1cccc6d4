import { recipeOf, STYLE_NAMES, STYLES, type Style } from '../seed/grammar.ts';
import { openApp } from '../src/app.ts';
import type { ItemRef } from '../src/catalog/types.ts';
import { loadConfig } from '../src/config.ts';
import type { UserState } from '../src/events/types.ts';
import { silentLog } from '../src/log.ts';
import type { Page, PageItem } from '../src/recommend/types.ts';
import { bestFit } from '../src/rerank/attributes.ts';
import { describe, type History } from '../src/taste/describe.ts';
import { readHistory } from '../src/taste/history.ts';
import { mentionedIn, shows, type Vocabulary } from '../src/taste/index.ts';
import { writeResults } from './machine.ts';

/**
 * Are reasons true, and what do they cost? Lists of the demo world's people, re-ranked by attributes; each shown
 * reason is held against the log and the pictures anew, and its evidence taken out of the history. Then everybody
 * says that they like a style they had not been shown much of: how many pictures of it are in the next list?
 *   HAMLET_HOME=… node bench/reasons.ts     after `npx hamlet seed`
 */
const PEOPLE = 100;
const ROUNDS = 5;

type App = Awaited<ReturnType<typeof openApp>>;

export async function main(): Promise<void> {
  const app = await openApp(
    loadConfig(process.env, { DRAW_SHARE: 0, EMBED_SHARE: 0, GRAPH_REFRESH_MINUTES: 0 }),
    silentLog,
  );
  try {
    const people = await activePeople(app);
    for (const person of people) await app.tastes.told(person, 1);
    const pages = await inTurn(people, (person) => ask(app, person, 'auto'));
    const faithful = await checkReasons(app, people, pages);
    const cost = await costOf(app, people);
    const corrected = await correctedLists(app, people);
    const figures = { people: people.length, ...faithful, ...cost, corrected };
    console.log(figures);
    await writeResults('reasons', figures);
  } finally {
    await app.close();
  }
}

async function activePeople({ db }: App): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    `select u.id from users u where u.seq > 50 order by md5(u.id) limit ${PEOPLE}`,
  );
  return rows.map(({ id }) => id);
}

const ask = (app: App, userId: string, rerank: 'off' | 'auto'): Promise<Page> =>
  app.recommender.recommend({
    ...{ userId, kind: 'image', limit: 20, surface: 'bench', maxLevel: 1, exclude: [], tags: [], rerank },
  });

async function checkReasons(app: App, people: string[], pages: Page[]) {
  const vocabulary = app.tastes.vocabulary()!;
  const counts = { shown: 0, byAttributes: 0, evidenceTrue: 0, attributesSeen: 0, passed: 0, falls: 0 };
  for (const [n, person] of people.entries()) {
    const user = await app.events.state(person, await app.events.freshness(person));
    const history = await readHistory(app.db, app.catalog, user);
    for (const item of pages[n]!.items) {
      if (item.explanation.evidence.length === 0) continue;
      counts.shown++;
      const own = ownEvidence(app, user, item);
      if (own !== null) counts.evidenceTrue++;
      const picture = await vectorOf(app, item);
      const seen = own !== null && namesOnlyWhatIsSeen(item, picture, vocabulary);
      if (seen) counts.attributesSeen++;
      if (own !== null && seen) counts.passed++;
      if (!item.explanation.text.endsWith('like pictures you liked')) continue;
      counts.byAttributes++;
      if (own !== null && picture && falls(history, own, picture, vocabulary)) counts.falls++;
    }
  }
  return {
    ...counts,
    passedShare: counts.passed / counts.shown,
    fallsShare: counts.falls / counts.byAttributes,
  };
}

/** Null where some of it is not in the person's history. */
function ownEvidence({ catalog }: App, user: UserState, { explanation }: PageItem): ItemRef[] | null {
  const refs = explanation.evidence.map(
    (id) => catalog.columns.refOf('image', id) ?? catalog.columns.refOf('model', id),
  );
  return refs.every((ref) => ref !== undefined && user.recent.some(({ item }) => item === ref))
    ? (refs as ItemRef[])
    : null;
}

/** Of reasons from history, which name a title, nothing is to be seen; of the others every attribute. */
function namesOnlyWhatIsSeen(
  { explanation }: PageItem,
  picture: Float32Array | undefined,
  vocabulary: Vocabulary,
): boolean {
  if (explanation.source === 'history') return true;
  const named = mentionedIn(explanation.text, vocabulary);
  return picture !== undefined && named.every((name) => shows(picture, vocabulary.named(name)!));
}

async function vectorOf({ catalog }: App, { kind, id }: PageItem): Promise<Float32Array | undefined> {
  const ref = catalog.columns.refOf(kind, id)!;
  return (await catalog.vectors('clip', [ref])).get(ref);
}

/** The whole description is made anew without the evidence: groups, texts and weights. */
function falls(
  history: History,
  evidence: ItemRef[],
  picture: Float32Array,
  vocabulary: Vocabulary,
): boolean {
  const score = (liked: History['liked']) =>
    bestFit(picture, describe({ ...history, liked }, vocabulary), vocabulary)?.score ??
    Number.NEGATIVE_INFINITY;
  return score(history.liked.filter(({ item }) => !evidence.includes(item))) < score(history.liked);
}

/** Both ways in turn, person by person, so that whatever else the machine does meets both. */
async function costOf(app: App, people: string[]) {
  const times = { off: [] as number[], auto: [] as number[] };
  for (let round = 0; round < ROUNDS; round++)
    for (const [n, person] of people.entries())
      for (const way of (n + round) % 2 === 0 ? (['off', 'auto'] as const) : (['auto', 'off'] as const)) {
        const began = performance.now();
        await ask(app, person, way);
        if (round > 0) times[way].push(performance.now() - began);
      }
  const [off, auto] = [median(times.off), median(times.auto)];
  return { offMs: off, autoMs: auto, addedMs: auto - off };
}

/** Shares of the first five and the whole first page that are of the style a person names, before and after. */
async function correctedLists(app: App, people: string[]) {
  const shares = { before: [0, 0], after: [0, 0], could: 0 };
  for (const [n, person] of people.entries()) {
    const before = await ask(app, person, 'auto');
    const style = rareIn(before, n);
    const has = (page: Page, places: number) =>
      page.items.slice(0, places).filter(({ id }) => recipeOf(id)?.style === style).length / places;
    await app.tastes.state(person, [
      { text: `I like ${STYLES[style].says}`, likes: [STYLES[style].tags[0]!] },
    ]);
    const after = await ask(app, person, 'auto');
    await app.tastes.state(person, null);
    shares.could += Math.min(1, 4 * has(after, 20)) / people.length;
    for (const [place, places] of [5, 20].entries()) {
      shares.before[place]! += has(before, places) / people.length;
      shares.after[place]! += has(after, places) / people.length;
    }
  }
  return shares;
}

/** A style that the page has one to three pictures of, so that there is something to bring forward. */
function rareIn({ items }: Page, n: number): Style {
  const counts = STYLE_NAMES.map((style) => items.filter(({ id }) => recipeOf(id)?.style === style).length);
  const rare = STYLE_NAMES.filter((_, at) => counts[at]! >= 1 && counts[at]! <= 3);
  return rare[n % rare.length] ?? STYLE_NAMES[n % STYLE_NAMES.length]!;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function inTurn<T, U>(values: T[], work: (value: T) => Promise<U>): Promise<U[]> {
  const done: U[] = [];
  for (const value of values) done.push(await work(value));
  return done;
}

if (import.meta.main) await main();
