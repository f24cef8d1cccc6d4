import { existsSync } from 'node:fs';

/** `npm run bench [NAME…]`: every benchmark in turn, each a table here and a file in bench/results/. */
const NAMES = ['vectors', 'events', 'recommend-core', 'evaluate', 'serve'];

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
