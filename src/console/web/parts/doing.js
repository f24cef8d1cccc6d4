import { useState } from 'preact/hooks';
import { problemOf } from '../api.js';

/** @import { Problem } from '../types.ts' */

/** Work that a button starts: whether it is under way, what went wrong, what to say when it is done. */
export function useDoing() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const [said, setSaid] = useState('');
  /** @param {() => Promise<unknown>} work @param {string} done */
  const run = async (work, done) => {
    setBusy(true);
    setProblem(null);
    setSaid('');
    try {
      await work();
      setSaid(done);
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return { busy, problem, said, run };
}
