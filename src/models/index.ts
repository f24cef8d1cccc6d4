export { artifactInvalid, type Manifest, readManifest, verifyArtifact, writeArtifact } from './artifact.ts';
export type { Artifact, ArtifactState } from './artifact-rows.ts';
export { type ClipEncoder, createClipEncoder } from './clip/encoder.ts';
export { offerModel, offerPixels, offerShown, takeVectors } from './clip/exchange.ts';
export { type ClipFolder, readClipFolder } from './clip/folder.ts';
export { type Clip, openClip, tryClip } from './clip/open.ts';
export { shapeOf } from './clip/preprocessing.ts';
export { backUpArtifacts, type CopiedArtifacts, restoreArtifacts } from './copy-artifact.ts';
export { addArtifact, checkArtifact, enterArtifact, registerArtifact } from './enter-artifact.ts';
export { type DescribedFile, describeFile, digestOfFiles } from './file-digest.ts';
export { openIdleProcess } from './idle-process.ts';
export type { IdleAnswer } from './idle-work.ts';
export { type BuildOptions, buildItemGraph } from './item-graph/build.ts';
export { buildItemGraphInWorker } from './item-graph/build-in-worker.ts';
export { CHOSEN } from './item-graph/choices.ts';
export { covisitation } from './item-graph/covisitation.ts';
export { type DenseWeights, easeWeights, type Histories } from './item-graph/ease.ts';
export { emptyItemGraph, withLookup } from './item-graph/graph.ts';
export { invertSymmetric, tiled } from './item-graph/invert.ts';
export { type ItemGraphs, openItemGraphs } from './item-graph/keeper.ts';
export { popularity } from './item-graph/popularity.ts';
export { loadItemGraph, saveItemGraph } from './item-graph/store.ts';
export { transitions } from './item-graph/transitions.ts';
export type { LearnedModels } from './learned/keeper.ts';
export type { HistoryModel } from './learned/types.ts';
export { offerSquares, takeRows } from './pixels.ts';
export { type RankerArtifact, readRankerArtifact } from './ranker/artifact.ts';
export { openRanker, openRankers, type Rankers } from './ranker/keeper.ts';
export {
  activeArtifact,
  artifactOf,
  listArtifacts,
  promote,
  refuse,
  rollback,
  tellVerdict,
} from './registry.ts';
export { readTensor, writeTensor } from './safetensors.ts';
export { readSequenceArtifact, type SequenceArtifact } from './sequence/artifact.ts';
export { openSequenceEncoder } from './sequence/encoder.ts';
export { openSequenceModel, openSequenceModels } from './sequence/model.ts';
export { readTowerArtifact, type TowerArtifact } from './towers/artifact.ts';
export { contentRows, type ReadContent, type ReadPictures } from './towers/content.ts';
export { openTowerModel, openTowerModels } from './towers/model.ts';
export { openSeeing } from './towers/seeing.ts';
export { grown, itemsOf, openTowers } from './towers/towers.ts';
