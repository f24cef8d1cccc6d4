export { buildHttp, type HttpTimes } from './build.ts';
export type { HttpParts, Maintenance, Registry } from './ports.ts';
