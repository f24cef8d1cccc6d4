export type { Raster, Shape, Size } from './decode.ts';
export { importedPath, type KeptPictures, openKept } from './kept.ts';
export { type ImageLoader, openImageLoader } from './loader.ts';
export { openSendable, type Sendable } from './sendable.ts';
