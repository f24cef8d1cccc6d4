import type { ItemKind } from '../catalog/types.ts';
import type { Database } from '../db/index.ts';
import { badInput } from '../errors.ts';
import type { Log } from '../log.ts';
import { activeArtifact, artifactOf, promote, refuse, tellVerdict } from '../models/index.ts';
import { judgeByLog } from './judge-by-log.ts';
import { type Comparison, type Judged, type Verdict, verdictOn } from './verdict.ts';

export type GateParts = { db: Database; home: string; margin: number; log: Log } & Parameters<
  typeof judgeByLog
>[0];

const JUDGED = /^(sasrec|two-tower|ranker)-(image|model)$/;

/**
 * Judges a candidate against what is in force of its kind and promotes or refuses it; the verdict stays with the
 * artifact, whichever it is.
 * @throws HamletError `artifact-unknown` (404), `kind-not-judged` (400) for kinds that no test is known for
 */
export async function challenge(parts: GateParts, kind: string, version: string): Promise<Verdict> {
  const { db, margin, log } = parts;
  const [, family, items] = JUDGED.exec(kind) ?? [];
  if (family === undefined)
    throw badInput(
      'kind-not-judged',
      `Only sequence models, two towers and rankers can be judged by the log, not ${kind}.`,
    );
  const challenger = await artifactOf(db, kind, version);
  const champion = await activeArtifact(db, kind);
  const judged =
    champion?.version === version
      ? { against: version, lacking: 'it is in force itself' }
      : family === 'ranker'
        ? judgeRanker(challenger.metrics)
        : await judgeByLog(parts, items as ItemKind, challenger, champion);
  const verdict = verdictOn(judged, margin);
  if (champion?.version === version) return verdict;
  // Before it acts: whoever takes over from a process that died in between judges again, which changes nothing.
  await tellVerdict(db, kind, version, verdict);
  if (verdict.outcome === 'promoted') await promote(db, kind, version);
  else await refuse(db, kind, version);
  log.info({ kind, version, ...verdict }, `challenger ${verdict.outcome}`);
  return verdict;
}

/** A ranker comes with its comparison: with the scores that served the latest lists, which it has not learned from. */
function judgeRanker({ comparison }: Record<string, unknown>): Judged {
  const against = 'what served';
  return comparison === undefined
    ? { against, lacking: 'it comes without a comparison' }
    : { against, comparison: comparison as Comparison };
}
