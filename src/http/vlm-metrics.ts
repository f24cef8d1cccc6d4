import { Counter, type Registry } from 'prom-client';
import type { Vlm } from '../vlm/index.ts';

/** What was asked of the vision-language model by this process. */
export function measureVlm(registry: Registry, vlm: Pick<Vlm, 'counts'>): void {
  const registers = [registry];
  new Counter({
    name: 'hamlet_vlm_requests_total',
    help: 'Requests to the vision-language model by outcome: answered, or the code of what went wrong.',
    labelNames: ['outcome'] as const,
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of vlm.counts().outcomes) this.labels(outcome).inc(count);
    },
  });
  const counted = (name: string, help: string, value: () => number) =>
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  counted('hamlet_vlm_tokens_total', 'Tokens that its answers report as used.', () => vlm.counts().tokens);
  counted('hamlet_vlm_repairs_total', 'Answers that had to be asked for again.', () => vlm.counts().repairs);
}
