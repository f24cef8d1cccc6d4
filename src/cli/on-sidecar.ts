import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startHamletSidecar } from '../../scripts/sidecar-env.ts';
import { HamletError } from '../errors.ts';

/**
 * `python -m hamlet_sidecar …` in a process of this command; answers what it prints as JSON.
 * @param line hears each line of its standard error and says whether it was progress, which is no reason.
 * @throws HamletError with the sidecar's own code.
 */
export async function runHamletSidecar<Answer>(
  words: string[],
  { input, line = () => false }: { input?: unknown; line?: (line: string) => boolean } = {},
): Promise<Answer> {
  const job = await startHamletSidecar(words);
  job.stdin.end(input === undefined ? '' : JSON.stringify(input));
  const ended = once(job, 'exit');
  let answer = '';
  job.stdout.on('data', (bytes: Buffer) => {
    answer += bytes;
  });
  let last = '';
  for await (const said of createInterface({ input: job.stderr })) if (!line(said)) last = said;
  const [code] = await ended;
  if (code === 0) return JSON.parse(answer) as Answer;
  const [, reason = 'job-error', message = last] = /^([a-z0-9-]+): (.*)$/u.exec(last) ?? [];
  throw new HamletError(reason, 422, message);
}
