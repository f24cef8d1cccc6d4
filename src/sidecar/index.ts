export { type Sidecar, sidecarAt } from './client.ts';
export { noSidecar, openSidecars, type SidecarState, type Sidecars } from './pool.ts';
export { runOnSidecar } from './run.ts';
