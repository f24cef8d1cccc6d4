import { Counter, Gauge, type Registry } from 'prom-client';
import { noneWhileAway } from './metrics.ts';
import type { HttpParts } from './ports.ts';

/** Trainings and sidecars as they are when Prometheus asks. */
export function measureTrainings(registry: Registry, parts: Pick<HttpParts, 'trainings'>): void {
  const registers = [registry];
  new Gauge({
    name: 'hamlet_trainings',
    help: 'Trainings by kind, state and, where they failed, why.',
    labelNames: ['kind', 'state', 'code'] as const,
    registers,
    async collect() {
      this.reset();
      for (const { kind, state, code, count } of await parts.trainings.counts().catch(noneWhileAway))
        this.labels(kind, state, code).set(count);
    },
  });
  new Counter({
    name: 'hamlet_sidecar_faults_total',
    help: 'How often a sidecar was passed over, and why.',
    labelNames: ['address', 'code'] as const,
    registers,
    collect() {
      this.reset();
      for (const { address, code, count } of parts.trainings.faults()) this.labels(address, code).inc(count);
    },
  });
}
