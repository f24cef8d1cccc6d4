export { type ClassificationParts, FRAMES } from './batch.ts';
export { type ClassifyReport, classifyNow } from './command.ts';
export { type ClassificationReport, classificationReport } from './report.ts';
export { classifyInBackground } from './rounds.ts';
