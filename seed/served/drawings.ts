import { Piscina } from 'piscina';
import { recipeOf } from '../grammar.ts';

export type Drawings = {
  /** SVG of a picture of the world, or null for a name that is none. */
  svg(id: string): Promise<string | null>;
  close(): Promise<void>;
};

/** Outlining a picture takes tens of milliseconds: for the embedder, in a thread that ends when it is not needed. */
export function openDrawings(): Drawings {
  const thread = new Piscina<string, string | null>({
    filename: new URL('./svg-worker.ts', import.meta.url).href,
    ...{ minThreads: 0, maxThreads: 1, idleTimeout: 5_000 },
  });
  return {
    svg: async (id) => (recipeOf(id) === null ? null : thread.run(id)),
    close: () => thread.destroy(),
  };
}
