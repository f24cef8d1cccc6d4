import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Routes } from './app-instance.ts';

const PAGE = new URL('../console/index.html', import.meta.url);

/** `/`: one static page. Its script and style are allowed by their digests and nothing else is. */
export function consoleRoute(app: Routes): void {
  const page = readFileSync(PAGE, 'utf8');
  const policy = [
    "default-src 'none'",
    `script-src ${digests(page, 'script')}`,
    `style-src ${digests(page, 'style')}`,
    "img-src 'self' data: https:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  app.get('/', { config: { access: 'public' } }, (_request, reply) =>
    reply
      .header('content-security-policy', policy)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .type('text/html; charset=utf-8')
      .send(page),
  );
}

const digests = (page: string, element: 'script' | 'style') =>
  [...page.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, 'gu'))]
    .map(([, text]) => `'sha256-${createHash('sha256').update(text!).digest('base64')}'`)
    .join(' ');
