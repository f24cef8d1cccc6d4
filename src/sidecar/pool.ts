import type { SidecarHealth } from '../../schemas/sidecar.ts';
import type { Config } from '../config.ts';
import { HamletError, unavailable } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Sidecar, sidecarAt } from './client.ts';

export type SidecarState = { address: string; health: SidecarHealth | null; code: string | null };
export type Sidecars = {
  /** How many are configured. */
  count: number;
  /** The preferred one if it can, else the least busy of those that answer and know the kind. */
  choose(kind: string, preferred?: string | null): Promise<Sidecar>;
  states(): Promise<SidecarState[]>;
  /** How often each address was passed over, and why. */
  faults(): { address: string; code: string; count: number }[];
};

/**
 * The sidecars at the addresses of SIDECAR_URL. One that does not answer, refuses our token or speaks another
 * contract is passed over, counted, and tried again the next time.
 */
export function openSidecars(config: Pick<Config, 'SIDECAR_URL' | 'SIDECAR_TOKEN'>, log: Log): Sidecars {
  const sidecars = addressesIn(config.SIDECAR_URL).map((address) => sidecarAt(address, config.SIDECAR_TOKEN));
  /** Said once, not at every look. */
  const last = new Map<string, string>();
  const counts = new Map<string, { address: string; code: string; count: number }>();

  async function look(sidecar: Sidecar): Promise<SidecarState> {
    try {
      const health = await sidecar.health();
      last.delete(sidecar.address);
      return { address: sidecar.address, health, code: null };
    } catch (error) {
      if (!(error instanceof HamletError)) throw error;
      const { address } = sidecar;
      if (last.get(address) !== error.code) log.warn({ code: error.code, address }, error.message);
      last.set(address, error.code);
      const entry = counts.get(`${address} ${error.code}`) ?? { address, code: error.code, count: 0 };
      counts.set(`${address} ${error.code}`, { ...entry, count: entry.count + 1 });
      return { address, health: null, code: error.code };
    }
  }

  const states = () => Promise.all(sidecars.map(look));

  return {
    count: sidecars.length,
    states,
    faults: () => [...counts.values()],
    /** @throws HamletError `sidecar-unavailable` (503) that says what is wrong with each. */
    async choose(kind, preferred) {
      if (sidecars.length === 0) throw noSidecar();
      const found = await states();
      const able = found.filter(({ health }) => health?.kinds.includes(kind));
      const load = ({ address, health }: SidecarState) =>
        address === preferred ? -1 : health!.running + health!.queued;
      const chosen = able.sort((a, b) => load(a) - load(b))[0];
      if (chosen) return sidecars.find(({ address }) => address === chosen.address)!;
      const why = found.map(({ address, code }) => `${address}: ${code ?? `does not know ${kind}`}`);
      throw unavailable('sidecar-unavailable', `No sidecar can do this now (${why.join('; ')}).`, 10);
    },
  };
}

export const noSidecar = () =>
  unavailable(
    'sidecar-unavailable',
    'No sidecar is configured. Start one with `npm run sidecar` and the api with SIDECAR_URL=http://127.0.0.1:8900.',
    60,
  );

/** @throws Error that names the address which is none. */
function addressesIn(list: string): string[] {
  const given = list.split(',').flatMap((address) => address.trim() || []);
  for (const address of given) {
    const url = URL.parse(address);
    if (!url || !/^https?:$/.test(url.protocol) || url.username !== '')
      throw new Error(
        `SIDECAR_URL: ${url?.host ?? address} is not a plain http address (the token is SIDECAR_TOKEN)`,
      );
  }
  return given;
}
