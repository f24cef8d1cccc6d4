import { existsSync } from 'node:fs';
import { printTable } from './table.ts';

/** `npm run bench [NAME…]`: every benchmark in turn, each a file in bench/results/, then one table of all. */
const NAMES = [
  'vectors',
  'events',
  'imports',
  'embed',
  'seed',
  'sizing',
  'first-start',
  'world',
  'world-lists',
  'recommend-core',
  'evaluate',
  'reasons',
  'experiments',
  'serve',
  'serve-learned',
  'rerank',
  'safety',
  'w2w-spaces',
];

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : NAMES) {
  const file = new URL(`./${name}.ts`, import.meta.url);
  if (!NAMES.includes(name) || !existsSync(file)) {
    console.error(`no benchmark ${name}; there are ${NAMES.join(', ')}`);
    process.exit(1);
  }
  console.log(`\n── ${name}`);
  const { main } = (await import(file.href)) as { main: () => Promise<void> };
  await main();
}
await printTable();
