/** Remembers how to close what was opened, newest first, also when opening stops half-way. */
export class Closing {
  #steps: (() => unknown)[] = [];

  last<T>(part: T, close: (part: T) => unknown): T {
    this.#steps.push(() => close(part));
    return part;
  }

  /** What `open` makes; what it had opened is closed when it fails, and its own error is thrown. */
  async orUndo<T>(open: () => Promise<T>): Promise<T> {
    try {
      return await open();
    } catch (error) {
      await this.run().catch(() => {});
      throw error;
    }
  }

  /**
   * Closes everything, each thing once. One that cannot be closed keeps none of the others open: a server that is left
   * behind would outlive its process.
   * @throws the first error, when all else is closed
   */
  async run(): Promise<void> {
    const errors: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
