import type { VectorHit } from '../port.ts';

/** The best `limit` of the hits pushed: by score, ties by smaller id. A heap with the worst at its root. */
export class Top {
  readonly #limit: number;
  readonly #ids: Float64Array;
  readonly #scores: Float64Array;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#ids = new Float64Array(limit);
    this.#scores = new Float64Array(limit);
  }

  /** What a score must reach to matter. */
  get bar(): number {
    return this.#size < this.#limit ? -Infinity : this.#scores[0]!;
  }

  push(id: number, score: number): void {
    if (this.#size < this.#limit) {
      this.#rise(this.#size++, id, score);
    } else if (score > this.#scores[0]! || (score === this.#scores[0]! && id < this.#ids[0]!)) {
      this.#sink(id, score);
    }
  }

  hits(): VectorHit[] {
    const hits = Array.from({ length: this.#size }, (_, i) => ({
      id: this.#ids[i]!,
      score: this.#scores[i]!,
    }));
    return hits.sort((a, b) => b.score - a.score || a.id - b.id);
  }

  #rise(from: number, id: number, score: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#worse(score, id, parent)) break;
      this.#scores[at] = this.#scores[parent]!;
      this.#ids[at] = this.#ids[parent]!;
      at = parent;
    }
    this.#scores[at] = score;
    this.#ids[at] = id;
  }

  /** Replaces the root. */
  #sink(id: number, score: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#worse(this.#scores[child + 1]!, this.#ids[child + 1]!, child))
        child++;
      if (this.#worse(score, id, child)) break;
      this.#scores[at] = this.#scores[child]!;
      this.#ids[at] = this.#ids[child]!;
      at = child;
    }
    this.#scores[at] = score;
    this.#ids[at] = id;
  }

  #worse(score: number, id: number, than: number): boolean {
    return score < this.#scores[than]! || (score === this.#scores[than]! && id > this.#ids[than]!);
  }
}
