import autocannon from 'autocannon';

export type Load = {
  requestsPerSecond: number;
  p50: number;
  p90: number;
  p99: number;
  errors: number;
  non2xx: number;
};

/**
 * Drives GETs over `paths` in turn, each connection from a place of its own: in step they would all ask the same at once,
 * which one answer could serve. Run it in a process of its own, so that the api's loop is not shared.
 * @param rate requests a second in an open loop, waiting counted; without it as many as are answered
 */
export async function drive(
  url: string,
  paths: string[],
  connections: number,
  seconds: number,
  rate?: number,
): Promise<Load> {
  const requests = paths.map((path) => ({ method: 'GET' as const, path }));
  let begun = 0;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    ...(rate && { overallRate: rate }),
    requests,
    setupClient(client) {
      const from = Math.floor((begun++ * requests.length) / connections);
      client.setRequests([...requests.slice(from), ...requests.slice(0, from)]);
    },
  });
  return {
    requestsPerSecond: Math.round(result.requests.average),
    p50: result.latency.p50,
    p90: result.latency.p90,
    p99: result.latency.p99,
    errors: result.errors,
    non2xx: result.non2xx,
  };
}
