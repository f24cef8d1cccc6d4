import { runHamletSidecar } from './on-sidecar.ts';
import { progressBar } from './output.ts';

type Spec = Record<string, unknown>;

/**
 * A job of the sidecar in a process of this command: `12.5% step 3 loss 1.2` moves the bar, other lines stay.
 * @throws HamletError with the job's own code.
 */
export async function runJob(kind: string, artifacts: string, spec: Spec): Promise<Spec> {
  const bar = progressBar(kind);
  const line = (said: string): boolean => {
    const [, percent, figures] = /^ *([\d.]+)% (.*)$/u.exec(said) ?? [];
    if (percent === undefined) process.stderr.write(`${said}\n`);
    else bar.update(Number(percent) / 100, figures);
    return percent !== undefined;
  };
  const words = ['run', kind, '--spec', '-', '--artifacts', artifacts];
  return runHamletSidecar<Spec>(words, { input: spec, line }).finally(bar.stop);
}
