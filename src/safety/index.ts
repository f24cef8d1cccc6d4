export { decide, levelOf } from './decide.ts';
export { effectiveLevel, HELD_BACK, levelFor, servable } from './levels.ts';
export { judgeOf, type PixelClassifier, type PixelJudge } from './pixels/classifier.ts';
export { type ClassifierManifest, readManifest, shapeOf } from './pixels/manifest.ts';
export { nsfwjsManifest } from './pixels/nsfwjs.ts';
export { openOnnxClassifier } from './pixels/onnx.ts';
export { openSafety, type Safety } from './pixels/open.ts';
export { openRule, type SafetyRule, UNSAFE_TEXT } from './rule.ts';
export { type Decision, SAFETY_SOURCES, type SafetyFacts, type Scores } from './types.ts';
