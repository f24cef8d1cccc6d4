export { type ClassificationParts, FRAMES } from './batch.ts';
export { checkSafety, type HarmlessSet, type Reference, type SafetyCheck, wilson } from './check.ts';
export { type ClassifyReport, classifyNow } from './command.ts';
export { type ClassificationReport, classificationReport } from './report.ts';
export { classifyInBackground } from './rounds.ts';
