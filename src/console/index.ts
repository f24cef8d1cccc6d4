import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const WEB = join(import.meta.dirname, 'web');
/** Libraries the pages import by name, each one file of its package. */
const LIBRARIES: Record<string, string> = {
  preact: 'preact.mjs',
  'preact/hooks': 'preact-hooks.mjs',
  'htm/preact': 'htm-preact.mjs',
  htm: 'htm.mjs',
  uplot: 'uplot.mjs',
};
/** Where a package’s own entry is not the module. */
const MODULES: Record<string, string> = { uplot: 'uplot/dist/uPlot.esm.js' };
const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export type ConsoleFile = { body: Buffer; gzipped: Buffer; type: string; etag: string };
export type Console = {
  /** The one page: every view's URL answers it. */
  page: string;
  policy: string;
  /** By the name after `/console/`. */
  names: string[];
  file(name: string): ConsoleFile | undefined;
};

/** The console as it is served: what the browser runs is what lies in `web`, and libraries from their packages. */
export function openConsole(): Console {
  const paths = new Map(
    readdirSync(WEB, { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => extname(name) in TYPES)
      .map((name) => [name, join(WEB, name)]),
  );
  for (const [library, name] of Object.entries(LIBRARIES))
    paths.set(`lib/${name}`, fileURLToPath(import.meta.resolve(MODULES[library] ?? library)));
  paths.set('lib/uplot.css', fileURLToPath(import.meta.resolve('uplot/dist/uPlot.min.css')));

  const imports = Object.fromEntries(
    Object.entries(LIBRARIES).map(([library, name]) => [library, `/console/lib/${name}`]),
  );
  const importMap = JSON.stringify({ imports });
  const page = readFileSync(join(import.meta.dirname, 'index.html'), 'utf8').replace(
    '>{}<',
    () => `>${importMap}<`,
  );
  const read = new Map<string, ConsoleFile>();
  return {
    page,
    policy: policyOf(importMap),
    names: [...paths.keys()],
    file(name) {
      const path = paths.get(name);
      if (path === undefined) return undefined;
      const known = read.get(name) ?? readAt(path, extname(name));
      read.set(name, known);
      return known;
    },
  };
}

function readAt(path: string, extension: string): ConsoleFile {
  const body = readFileSync(path);
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  return { body, gzipped: gzipSync(body, { level: 9 }), type: TYPES[extension]!, etag };
}

/** Pictures may come from wherever the catalogue says they lie; all else is ours. The import map has its digest. */
const policyOf = (importMap: string) =>
  [
    "default-src 'none'",
    `script-src 'self' 'sha256-${createHash('sha256').update(importMap).digest('base64')}'`,
    "style-src 'self'",
    "img-src 'self' data: blob: https:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
