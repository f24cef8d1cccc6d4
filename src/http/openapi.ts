import { readFileSync, writeFileSync } from 'node:fs';
import { loadConfig } from '../config.ts';
import { silentLog } from '../log.ts';
import { buildHttp } from './build.ts';
import type { HttpParts } from './ports.ts';

export const OPENAPI_FILE = new URL('../../openapi.yaml', import.meta.url);

/** The OpenAPI document of the routes as they are. Describing a route asks nothing of the parts behind it. */
export async function openApiYaml(): Promise<string> {
  const app = await buildHttp({ config: loadConfig({}), log: silentLog } as HttpParts);
  await app.ready();
  const yaml = app.swagger({ yaml: true });
  await app.close();
  return yaml;
}

/** `npm run openapi` writes the file; with `--check` it only says whether it is up to date. */
if (import.meta.main) {
  const yaml = await openApiYaml();
  if (!process.argv.includes('--check')) writeFileSync(OPENAPI_FILE, yaml);
  else if (readFileSync(OPENAPI_FILE, 'utf8') !== yaml) {
    console.error('openapi.yaml differs from the routes: npm run openapi');
    process.exitCode = 1;
  }
}
