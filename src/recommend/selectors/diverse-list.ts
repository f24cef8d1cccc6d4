import type { ContentVectors } from '../content.ts';
import type { Candidate, Context } from '../types.ts';
import { CreatorCap } from './creator-cap.ts';

/** How many of the best not yet placed compete for a position. */
const COMPETING = 24;
/** How fast a placed item stops to matter, a position, and after how many it is forgotten. */
const FADE = 0.8;
const REMEMBERED = 8;
/** FADE to the power of 0 … REMEMBERED. */
const FADED = Float64Array.from({ length: REMEMBERED + 1 }, (_, positions) => FADE ** positions);
/** Candidates whose mean score is the unit of likeness: the very best alone would be too uneven a measure. */
const SCALE = 20;

const NOT_LOOKED_UP = -2;

const meanScore = (candidates: Candidate[]): number =>
  candidates.reduce((sum, { score }) => sum + score, 0) / Math.max(1, candidates.length);

/** A list being filled from candidates that stand best first. */
export class DiverseList {
  readonly items: Candidate[] = [];
  waiting: number;
  readonly #ranked: Candidate[];
  readonly #cap = new CreatorCap();
  readonly #content: ContentVectors;
  readonly #context: Context;
  readonly #cost: number;
  /** A chain over those not yet placed: `#next[i + 1]` follows `i`, `#next[0]` is the first. */
  readonly #next: Int32Array;
  readonly #rows: Int32Array;
  /** Faded mean cosine to the placed rows in [0, #comparedTo[i]). */
  readonly #likeness: Float64Array;
  readonly #comparedTo: Int32Array;
  readonly #placedRows: number[] = [];

  constructor(
    ranked: Candidate[],
    options: { content: ContentVectors; redundancyCost: number },
    context: Context,
  ) {
    this.#ranked = ranked;
    this.waiting = ranked.length;
    this.#content = options.content;
    this.#context = context;
    this.#cost = options.redundancyCost * Math.max(0, meanScore(ranked.slice(0, SCALE)));
    this.#next = new Int32Array(ranked.length + 1);
    this.#rows = new Int32Array(ranked.length).fill(NOT_LOOKED_UP);
    for (let i = 0; i < ranked.length; i++) {
      this.#next[i] = i;
    }
    this.#next[ranked.length] = ranked.length;
    this.#likeness = new Float64Array(ranked.length);
    this.#comparedTo = new Int32Array(ranked.length);
  }

  allows(candidate: Candidate): boolean {
    return this.#cap.allows(this.#context.columns.creator[candidate.item]!);
  }

  place(candidate: Candidate, row = this.#content.rowOf(candidate.item)): void {
    this.items.push(candidate);
    this.#cap.place(this.#context.columns.creator[candidate.item]!);
    this.#placedRows.push(row);
  }

  /**
   * Places the best of those that compete. When the cap lets nobody through, a list shorter than the
   * page asked for takes the next all the same: fewer items would be worse. False when it stays empty.
   */
  placeBest(): boolean {
    const end = this.#ranked.length;
    let best = -1;
    let beforeBest = -1;
    let bestValue = Number.NEGATIVE_INFINITY;
    let competing = 0;
    for (
      let before = -1, i = this.#next[0]!;
      i < end && competing < COMPETING;
      before = i, i = this.#next[i + 1]!
    ) {
      const candidate = this.#ranked[i]!;
      // Likeness only lowers a value, so nothing from here on can win.
      if (candidate.score <= bestValue) break;
      if (!this.allows(candidate)) continue;
      competing++;
      if (candidate.score - this.#cost * this.#leastLikeness(i) <= bestValue) continue;
      const value = candidate.score - this.#cost * this.#likenessOf(i);
      if (value > bestValue) [best, beforeBest, bestValue] = [i, before, value];
    }
    if (best < 0) {
      if (this.waiting === 0 || this.items.length >= this.#context.request.limit) return false;
      best = this.#next[0]!;
    }
    this.#next[beforeBest + 1] = this.#next[best + 1]!;
    this.waiting--;
    this.place(this.#ranked[best]!, this.#rowOf(best));
    return true;
  }

  left(): Candidate[] {
    const left: Candidate[] = [];
    for (let i = this.#next[0]!; i < this.#ranked.length; i = this.#next[i + 1]!) left.push(this.#ranked[i]!);
    return left;
  }

  #rowOf(i: number): number {
    if (this.#rows[i] === NOT_LOOKED_UP) this.#rows[i] = this.#content.rowOf(this.#ranked[i]!.item);
    return this.#rows[i]!;
  }

  /** What is left of the likeness as last computed: the items placed since can only add to it. */
  #leastLikeness(i: number): number {
    const since = this.#placedRows.length - this.#comparedTo[i]!;
    return since > REMEMBERED ? 0 : this.#likeness[i]! * FADED[since]!;
  }

  #likenessOf(i: number): number {
    const row = this.#rowOf(i);
    if (row < 0 || this.#cost === 0) return 0;
    const content = this.#content;
    const placed = this.#placedRows;
    const from = Math.max(this.#comparedTo[i]!, placed.length - REMEMBERED);
    let likeness = from === this.#comparedTo[i] ? this.#likeness[i]! : 0;
    for (let p = from; p < placed.length; p++) {
      const cosine = placed[p]! < 0 ? 0 : Math.max(0, content.likeness(row, placed[p]!));
      likeness = FADE * likeness + (1 - FADE) * cosine;
    }
    this.#likeness[i] = likeness;
    this.#comparedTo[i] = placed.length;
    return likeness;
  }
}
