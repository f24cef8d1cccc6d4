const MOST_BYTES = 2 * 2 ** 20;

/** `fetch` whose answers end: a server that pours out bytes without end is cut off. */
export function fetchAtMost(most = MOST_BYTES): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    let left = most;
    const limited = response.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          left -= chunk.length;
          if (left < 0) controller.error(new Error('the answer has no end'));
          else controller.enqueue(chunk);
        },
      }),
    );
    return new Response(limited, response);
  };
}
