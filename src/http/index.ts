export { buildHttp, type HttpTimes } from './build.ts';
export type { HttpParts, Key, Keys, Maintenance, Registry, Scope } from './ports.ts';
