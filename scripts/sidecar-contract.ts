import { readFileSync, writeFileSync } from 'node:fs';
import { CONTRACT, JobRequest, JobStatus, SidecarHealth, SnapshotManifest } from '../schemas/sidecar.ts';
import { TRAININGS } from '../schemas/training.ts';
import { EVENT_STRENGTH } from '../src/events/types.ts';

export const CONTRACT_FILE = new URL('../sidecar/hamlet_sidecar/contract.json', import.meta.url);

/** The contract as Python reads it: each schema by name, the spec of each kind of training, what each kind of event says. */
export const contractJson = (): string =>
  `${JSON.stringify(
    {
      contract: CONTRACT,
      schemas: { JobRequest, JobStatus, SidecarHealth, SnapshotManifest },
      specs: TRAININGS,
      strengths: EVENT_STRENGTH,
    },
    null,
    2,
  )}\n`;

/** `npm run contract` writes the file; with `--check` it only says whether it is up to date. */
if (import.meta.main) {
  if (!process.argv.includes('--check')) writeFileSync(CONTRACT_FILE, contractJson());
  else if (readFileSync(CONTRACT_FILE, 'utf8') !== contractJson()) {
    console.error('sidecar/hamlet_sidecar/contract.json differs from schemas/: npm run contract');
    process.exitCode = 1;
  }
}
