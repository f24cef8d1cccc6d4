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
 * Drives GETs over `paths` in turn; run it in a process of its own, so that the api's loop is not shared.
 * @param rate requests a second in an open loop, waiting counted; without it as many as are answered
 */
export async function drive(
  url: string,
  paths: string[],
  connections: number,
  seconds: number,
  rate?: number,
): Promise<Load> {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    ...(rate && { overallRate: rate }),
    requests: paths.map((path) => ({ method: 'GET' as const, path })),
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
