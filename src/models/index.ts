export { artifactInvalid, type Manifest, readManifest, verifyArtifact, writeArtifact } from './artifact.ts';
export { type ClipEncoder, createClipEncoder } from './clip/encoder.ts';
export { offerPixels, takeVectors } from './clip/exchange.ts';
export { type ClipFolder, readClipFolder } from './clip/folder.ts';
export { type Clip, openClip, tryClip } from './clip/open.ts';
export { type DescribedFile, describeFile, digestOfFiles } from './file-digest.ts';
export { openIdleThread, type ThreadAnswer } from './idle-thread.ts';
export { type BuildOptions, buildItemGraph } from './item-graph/build.ts';
export { buildItemGraphInWorker } from './item-graph/build-in-worker.ts';
export { covisitation } from './item-graph/covisitation.ts';
export { type DenseWeights, easeWeights, type Histories } from './item-graph/ease.ts';
export { emptyItemGraph, withLookup } from './item-graph/graph.ts';
export { invertSymmetric, tiled } from './item-graph/invert.ts';
export { type ItemGraphs, openItemGraphs } from './item-graph/keeper.ts';
export { popularity } from './item-graph/popularity.ts';
export { loadItemGraph, saveItemGraph } from './item-graph/store.ts';
export { transitions } from './item-graph/transitions.ts';
export { offerSquares, takeRows } from './pixels.ts';
export {
  type Artifact,
  type ArtifactState,
  activeArtifact,
  addArtifact,
  checkArtifact,
  enterArtifact,
  listArtifacts,
  promote,
  registerArtifact,
  rollback,
} from './registry.ts';
export { readSequenceArtifact, type SequenceArtifact } from './sequence/artifact.ts';
export { openSequenceEncoder } from './sequence/encoder.ts';
export { openSequenceModels, type SequenceModels } from './sequence/keeper.ts';
export { openSequenceModel } from './sequence/model.ts';
