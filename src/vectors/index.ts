export { onceFilled } from './once-filled.ts';
export { openVectors } from './open.ts';
export { type Carrier, type CarrierOptions, carryChanges } from './outbox/carrier.ts';
export { outboxLag } from './outbox/lag.ts';
export { type ReindexReport, reindex } from './outbox/reindex.ts';
export { type SweepReport, sweep } from './outbox/sweep.ts';
export type {
  CollectionSpec,
  Point,
  PointPayload,
  VectorFilter,
  VectorHit,
  VectorQuery,
  VectorStore,
} from './port.ts';
