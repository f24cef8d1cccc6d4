import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A Chromium of the machine, in a profile of its own. */
export function openBrowser(): Promise<Browser> {
  const executablePath = PLACES.find((place) => place && existsSync(place));
  if (executablePath === undefined)
    throw new Error(
      'The console is tested in a Chromium: apt-get install chromium, or name one in CHROMIUM_PATH.',
    );
  return chromium.launch({ executablePath, args: FLAGS });
}

type Finding = { id: string; impact: string; nodes: { html: string; failureSummary: string }[] };

/** What axe finds of serious or critical impact, a line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate(`axe.run({ resultTypes: ['violations'] })`)) as {
    violations: Finding[];
  };
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes[0]!.html.slice(0, 200)} (${nodes.length}) ${nodes[0]!.failureSummary}`,
    );
}

/** Waits for what an expression says of the page; the page's own policy lets playwright wait for none. */
export async function until(page: Page, expression: string): Promise<void> {
  while (!(await page.evaluate(expression))) await sleep(50);
}
