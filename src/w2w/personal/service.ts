import { query } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';
import type { Jobs } from '../../jobs/index.ts';
import { listSpaces, usableSpace } from '../space-rows.ts';
import { METHOD } from '../spaces.ts';
import {
  addPersonalization,
  endPersonalization,
  getPersonalization,
  listPersonalizations,
  type Personalization,
} from './rows.ts';
import { type PersonalParts, personalize } from './run.ts';

const QUEUE = 'w2w-personalization';
/** A sidecar may have other work first; whoever dies is followed by another after half a minute. */
const PUSH = { expireInSeconds: 86_000, retryLimit: 1000, retryDelay: 5, retryBackoff: false };

export type Personalizations = {
  start(userId: string, space?: string): Promise<Personalization>;
  get(id: string): Promise<Personalization>;
  list(): Promise<Personalization[]>;
  cancel(id: string): Promise<Personalization>;
  /** Whatever is under way goes back to the queue, and on from its last step elsewhere or later. */
  stop(): void;
};

/** Carried one at a time by whichever api is free. */
export async function openPersonalizations(
  parts: PersonalParts & { jobs: Pick<Jobs, 'send' | 'work'> },
): Promise<Personalizations> {
  const { db, home, jobs } = parts;
  const stopping = new AbortController();
  await jobs.work(QUEUE, (data, signal) =>
    personalize(parts, (data as { id: string }).id, AbortSignal.any([signal, stopping.signal])),
  );
  const get = (id: string) => getPersonalization(db, id);
  return {
    get,
    list: () => listPersonalizations(db),
    /** @throws HamletError what `usableSpace` and `addPersonalization` throw; `space-unknown` (404) where there is none */
    async start(userId, space) {
      const { id: spaceId } = await usableSpace(db, home, space ?? (await newestReady(parts)));
      const id = await addPersonalization(db, userId, spaceId);
      await jobs.send(QUEUE, { id }, { ...PUSH, singletonKey: id });
      return get(id);
    },
    async cancel(id) {
      await get(id);
      await endPersonalization(db, id, 'cancelled');
      await query(
        db,
        `update trainings set cancel_requested = true where state in ('queued', 'running') and id in (
           select id from w2w_directions where personalization = $1
           union select id from w2w_edits where personalization = $1)`,
        [id],
      );
      return get(id);
    },
    stop: () => stopping.abort(),
  };
}

async function newestReady({ db }: PersonalParts): Promise<string> {
  const spaces = (await listSpaces(db)).filter(({ state }) => state === 'ready');
  const ready = spaces.find(({ spec }) => spec.method === METHOD) ?? spaces[0];
  if (ready === undefined)
    throw new HamletError('space-unknown', 404, 'There is no space yet: POST /admin/w2w/spaces builds one.');
  return ready.id;
}
