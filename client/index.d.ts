import type { Client, ClientOptions } from 'openapi-fetch';
import type { components, paths } from './openapi.d.ts';

export type { components, operations, paths } from './openapi.d.ts';
/** RFC 9457; `code` tells problems apart. */
export type Problem = components['schemas']['Problem'];

export type HamletOptions = Omit<ClientOptions, 'baseUrl'> & {
  /** Where the api is, e.g. http://127.0.0.1:3000 */
  baseUrl: string;
  /** An API key, once the service has one: `npx hamlet keys create NAME --scopes serve,ingest`. */
  key?: string | undefined;
};

/** Every route of openapi.yaml, typed. A call answers `{ data }` or `{ error }`, a Problem. */
export declare function openHamlet(options: HamletOptions): Client<paths>;
