import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { call, problemOf } from './api.js';

import { AWAY_MS } from './parts/states.js';

/** @import { Problem, Scope } from './types.ts' */
/** @typedef {{ scopes: Scope[], maxLevel: number } | null} Rights */
/** @typedef {{ rights: Rights, problem: Problem | null, again: () => void }} Holder */

export const KeyContext = createContext(
  /** @type {Holder} */ ({ rights: null, problem: null, again: () => {} }),
);

/** What the key in the field may do; null until that is known. @returns {Holder} */
export function useRights() {
  const [known, setKnown] = useState(/** @type {Omit<Holder, 'again'>} */ ({ rights: null, problem: null }));
  const [times, setTimes] = useState(0);
  useEffect(() => {
    let gone = false;
    call('/key').then(
      (rights) => gone || setKnown({ rights: /** @type {Rights} */ (rights), problem: null }),
      (error) => gone || setKnown({ rights: null, problem: problemOf(error) }),
    );
    return () => {
      gone = true;
    };
  }, [times]);
  useEffect(() => {
    if (known.problem?.code !== 'unreachable') return;
    const timer = setTimeout(() => setTimes((n) => n + 1), AWAY_MS);
    return () => clearTimeout(timer);
  }, [known]);
  return { ...known, again: () => setTimes((n) => n + 1) };
}

/** @param {Scope} scope Whether the key lacks it; what is not known yet is not lacked. */
export function useLacks(scope) {
  const { rights } = useContext(KeyContext);
  return rights !== null && !rights.scopes.includes(scope);
}
