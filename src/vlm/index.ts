export { openVlm } from './client.ts';
export type * from './types.ts';
