/** What figures of a job are called, where their own name does not say it. @type {Record<string, string>} */
const NAMES = {
  auc: 'AUC',
  p95: 'highest of 95 %',
  low: 'from',
  high: 'to',
  alpha: 'α',
  alphas: 'α',
  permuted: 'with permuted labels',
  positives: 'LoRAs that have it',
  negatives: 'LoRAs that have it not',
  leftOut: 'left out',
  cosines: 'likeness to other directions (cosine)',
  seen: 'range of α that LoRAs show',
  nearest: 'nearest LoRAs',
  base: 'from',
  wish: 'asked for',
  result: 'found',
  lookWinRate: 'win rate when it was looked at',
  madeThePairs: 'scored the pairs, too',
  seconds: 'seconds',
};

/** `balancedAccuracy` reads “balanced accuracy”. @param {string} name */
export const nameOf = (name) =>
  NAMES[name] ??
  (/^[a-z]+([A-Z][a-z0-9]*)+$/u.test(name)
    ? name.replace(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`)
    : name);
