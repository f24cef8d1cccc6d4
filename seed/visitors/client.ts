import { randomUUID } from 'node:crypto';
import type { EventType } from '../../src/events/types.ts';

export type Shown = { recommendationId: string; variant: string; ids: string[] };
export type Told = { kind: 'image' | 'model'; id: string; type: EventType; position: number | undefined };

/** A platform's side of the API, over HTTP, with the times it took. */
export class Client {
  readonly latencies: number[] = [];
  /** Answers that were not 200, by status. */
  readonly refused = new Map<number, number>();
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, key: string | undefined) {
    this.#url = url.replace(/\/+$/u, '');
    this.#headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  }

  /** Null when the service refused: whoever asked goes away. */
  async list(userId: string, surface: string, limit: number): Promise<Shown | null> {
    const query = new URLSearchParams({ surface, limit: String(limit) });
    const began = performance.now();
    const page = await this.#ask(`/users/${encodeURIComponent(userId)}/recommendations?${query}`, {});
    this.latencies.push(performance.now() - began);
    if (page === null) return null;
    const { recommendationId, variant, items } = page as Omit<Shown, 'ids'> & { items: { id: string }[] };
    return { recommendationId, variant, ids: items.map(({ id }) => id) };
  }

  async tell(userId: string, recommendationId: string, deeds: Told[]): Promise<number> {
    if (deeds.length === 0) return 0;
    const occurredAt = new Date().toISOString();
    const events = deeds.map(({ kind, id, type, position }) => ({
      ...{
        eventId: randomUUID(),
        userId,
        itemKind: kind,
        itemId: id,
        type,
        occurredAt,
        recommendationId,
        position,
      },
    }));
    const answer = await this.#ask('/events', {
      ...{ method: 'POST', body: JSON.stringify({ events }) },
      headers: { 'content-type': 'application/json' },
    });
    const { results = [] } = (answer ?? {}) as { results?: { status: string }[] };
    return results.filter(({ status }) => status === 'accepted').length;
  }

  async #ask(path: string, init: RequestInit): Promise<unknown> {
    const answer = await fetch(this.#url + path, { ...init, headers: { ...this.#headers, ...init.headers } });
    if (answer.ok) return answer.json();
    await answer.body?.cancel();
    this.refused.set(answer.status, (this.refused.get(answer.status) ?? 0) + 1);
    return null;
  }
}
