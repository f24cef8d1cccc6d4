export type { EmbeddingParts } from './batch.ts';
export { embedNow } from './command.ts';
export { embedInBackground } from './embedder.ts';
export { readPicturesOf } from './item-pictures.ts';
export { type OfferParts, offerPictures } from './offer.ts';
export { encodeOnSidecar } from './on-sidecar.ts';
export {
  type EmbeddingFailure,
  type EmbeddingReport,
  embeddingFailures,
  embeddingReport,
  hasPictures,
} from './report.ts';
export { type ContentSpaces, openContentSpace } from './space.ts';
