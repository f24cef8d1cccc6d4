import { Gauge, type Registry } from 'prom-client';
import { noneWhileAway } from './metrics.ts';
import type { HttpParts } from './ports.ts';

/** What waits for somebody or something, as it is when Prometheus asks. */
export function measureCatalog(
  registry: Registry,
  { catalog, outbox }: Pick<HttpParts, 'catalog' | 'outbox'>,
) {
  const registers = [registry];
  new Gauge({
    name: 'hamlet_held_back_items',
    help: 'Live items nobody is shown because something about them is unknown.',
    labelNames: ['kind'] as const,
    registers,
    async collect() {
      this.reset();
      const counts = await catalog.heldBackCounts().catch(noneWhileAway);
      for (const [kind, count] of Object.entries(counts)) this.labels(kind).set(count);
    },
  });
  new Gauge({
    name: 'hamlet_outbox_lag_versions',
    help: 'Versions of the catalogue that a vector collection has yet to be told of.',
    labelNames: ['collection'] as const,
    registers,
    async collect() {
      this.reset();
      for (const { collection, versions } of await outbox.lag().catch(noneWhileAway))
        this.labels(collection).set(versions);
    },
  });
}
