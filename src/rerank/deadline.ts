import type { Judged } from '../recommend/types.ts';

/** Whatever becomes of it, there is an answer in time; the work goes on and serves the next list. */
export async function inTime(work: Promise<Judged>, deadline: number): Promise<Judged> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Judged>((resolve) => {
    timer = setTimeout(() => resolve({ opinion: null, problem: 'deadline' }), deadline);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
