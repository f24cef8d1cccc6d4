import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { openHamlet } from 'hamlet-client';

// The key stays on this side; browsers see the page alone.
const { HAMLET_URL: baseUrl = 'http://127.0.0.1:3000', HAMLET_KEY: key, PORT = '8080' } = process.env;
const hamlet = openHamlet({ baseUrl, key });
const safe = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

async function page(user: string): Promise<string> {
  const params = { path: { id: user }, query: { limit: 12, surface: 'home' } };
  const { data: list, error } = await hamlet.GET('/users/{id}/recommendations', { params });
  if (error) return error.detail;
  const cards = list.items.map(({ id, title, url, position, explanation }) => {
    const about = new URLSearchParams({ user, id, list: list.recommendationId, position: `${position}` });
    return `<form method="post" action="?${safe(`${about}`)}"><img src="${safe(`${new URL(url, baseUrl)}`)}">
      ${safe(title)}: ${safe(explanation.text)} <button>Like</button></form>`;
  });
  return cards.join('\n');
}

const server = createServer(async ({ url, method }, response) => {
  const { searchParams: query } = new URL(url!, baseUrl);
  const userId = query.get('user') ?? 'user-7';
  if (method === 'POST') {
    const like = { userId, itemKind: 'image', itemId: query.get('id')!, type: 'like' } as const;
    const shown = { recommendationId: query.get('list')!, position: Number(query.get('position')) };
    const event = { ...like, ...shown, eventId: randomUUID(), occurredAt: new Date().toISOString() };
    await hamlet.POST('/events', { body: { events: [event] } });
  }
  response.setHeader('content-type', 'text/html; charset=utf-8').end(await page(userId));
});
server.listen(Number(PORT), '127.0.0.1', () => console.log('a page on port', Object(server.address()).port));
