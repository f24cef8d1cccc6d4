const HOUR_MS = 3_600_000;

/** Tokens of the last hour. What is asked is reserved by estimate first, so that questions at once cannot overdraw it. */
export function tokenBudget(tokensPerHour: number, now: () => number = Date.now) {
  const spent: { at: number; tokens: number }[] = [];
  const sum = () => {
    while (spent.length > 0 && spent[0]!.at <= now() - HOUR_MS) spent.shift();
    return spent.reduce((total, { tokens }) => total + tokens, 0);
  };
  return {
    /** Null when the hour's budget would not hold it; else what to call with the tokens that were really used. */
    reserve(estimate: number): ((used: number) => void) | null {
      if (tokensPerHour > 0 && sum() + estimate > tokensPerHour) return null;
      const entry = { at: now(), tokens: estimate };
      if (tokensPerHour > 0) spent.push(entry);
      return (used) => {
        entry.tokens = used;
      };
    },
  };
}
