import { ITEM_STATUS, LEVEL } from '../catalog/types.ts';
import { TEXT_MARK } from '../text/index.ts';
import { HELD_BACK, highestFlag, stepsUp } from './levels.ts';
import type { LevelRule, SafetyRule } from './rule.ts';
import type { Decision, SafetyFacts, SafetySource, Scores } from './types.ts';

/**
 * The one safety rule of Hamlet, a pure function. It fails closed: what is not known is not served. More evidence
 * that an item is unsafe never lowers its level, a classifier never lowers a declared one, and of two that disagree
 * the stricter counts. A moderator has the last word on everything but what the platform itself says of minors,
 * of real people and of private items.
 */
export function decide(facts: SafetyFacts, rule: SafetyRule): Decision {
  if (facts.status !== ITEM_STATUS.live) return blocked('not-live', 'unknown');
  if (facts.isPrivate) return blocked('private', 'declared');
  const judged = bySubject(
    facts,
    rule,
    facts.moderated ? byModerator(facts.moderated) : byEvidence(facts, rule),
  );
  // Whoever reported it may know more than whoever looked before.
  return facts.reported && judged.level !== LEVEL.BLOCKED ? held(judged, 'reported') : judged;
}

const byModerator = (level: number): Decision => ({
  ...{ level: highestFlag(level), held: false, reasons: ['moderated'], source: 'moderator' },
});

function byEvidence(facts: SafetyFacts, rule: SafetyRule): Decision {
  const stated = levelStated(facts);
  if (stated.level === LEVEL.BLOCKED) return blocked('declared-blocked', 'declared');
  return byText(facts, rule, byPixels(facts, rule, stated));
}

/** What somebody who may say so says. */
function levelStated({ level, policy }: SafetyFacts): Decision {
  const of = (level: number, source: SafetySource) => ({ level, held: false, reasons: [], source });
  if (level !== null && level !== 0) {
    const declared = highestFlag(level);
    return declared === HELD_BACK
      ? held(of(HELD_BACK, 'unknown'), 'level-unknown')
      : of(declared, 'declared');
  }
  if (policy.mode === 'trusted') return of(LEVEL.PG, 'policy');
  if (policy.mode === 'level' && highestFlag(policy.level) !== HELD_BACK)
    return of(highestFlag(policy.level), 'policy');
  return held(of(HELD_BACK, 'unknown'), policy.mode === 'classify' ? 'unclassified' : 'level-unknown');
}

function byPixels(facts: SafetyFacts, rule: SafetyRule, stated: Decision): Decision {
  const all = Object.entries(facts.pixels ?? {}).map(([name, scores]) =>
    levelOf(scores, rule.classifiers[name]),
  );
  const usable = all.filter((level) => level !== HELD_BACK);
  if (usable.length === 0) return stated;
  const highest = Math.max(...usable);
  const reasons = highest === Math.min(...usable) ? ['classified'] : ['classified', 'classifiers-disagree'];
  if (stated.reasons.includes('unclassified'))
    return usable.length === all.length
      ? { level: highest, held: false, reasons, source: 'classifier' }
      : stated;
  if (highest <= stated.level || stated.level === HELD_BACK) return stated;
  const raised: Decision = { level: highest, held: false, reasons, source: 'classifier' };
  return stepsUp(stated.level, highest) >= rule.disputedSteps ? held(raised, 'disputed') : raised;
}

/** PG where no rule is met; held back where a score is no probability or nobody knows the classifier. */
export function levelOf(scores: Scores, rules: readonly LevelRule[] | undefined): number {
  if (rules === undefined || !Object.values(scores).every(isProbability)) return HELD_BACK;
  if (rules.some(({ classes }) => classes.some((name) => !Object.hasOwn(scores, name)))) return HELD_BACK;
  const met = rules.filter(
    ({ classes, above }) => classes.reduce((sum, name) => sum + scores[name]!, 0) > above,
  );
  return Math.max(LEVEL.PG, ...met.map(({ level }) => level));
}

function byText(facts: SafetyFacts, rule: SafetyRule, decision: Decision): Decision {
  const marks = facts.marks ?? 0;
  // At any score, and whatever the level: sexual words, or pictures that are, with words for a child.
  if (marks & TEXT_MARK.minor && (marks & TEXT_MARK.sexual || decision.level >= LEVEL.X))
    return blocked('minor-and-sexual', decision.source, decision.reasons);
  if (!isProbability(facts.toxicity)) return held(decision, 'text-unscored');
  const told = facts.toxicity > rule.unsafeText ? raisedByText(decision) : decision;
  // What is not for children and speaks of one may be harmless: a person says so.
  return marks & TEXT_MARK.minor && told.level > LEVEL.PG13 ? held(told, 'minor-and-adult') : told;
}

const raisedByText = (decision: Decision): Decision => ({
  ...decision,
  level: decision.level === HELD_BACK ? HELD_BACK : Math.max(decision.level, LEVEL.R),
  reasons: [...decision.reasons, 'unsafe-text'],
});

/** Minors and real people, as the platform says. */
function bySubject(facts: SafetyFacts, rule: SafetyRule, decision: Decision): Decision {
  const unsafeText = isProbability(facts.toxicity) && facts.toxicity > rule.unsafeText;
  const beyond = decision.level > LEVEL.PG13;
  if (facts.minor && (beyond || (unsafeText && !decision.held)))
    return blocked('minor', decision.source, decision.reasons);
  if (facts.poi && beyond) return blocked('real-person', decision.source, decision.reasons);
  return decision;
}

const isProbability = (value: number | null): value is number => value !== null && value >= 0 && value <= 1;

const held = (decision: Decision, reason: string): Decision => ({
  ...decision,
  held: true,
  reasons: [...decision.reasons, reason],
});

const blocked = (reason: string, source: SafetySource, before: string[] = []): Decision => ({
  ...{ level: LEVEL.BLOCKED, held: false, reasons: [...before, reason], source },
});
