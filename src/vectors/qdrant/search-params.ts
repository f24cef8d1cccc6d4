import type { Schemas } from '@qdrant/js-client-rest';

/**
 * How Qdrant searches, from recall measured at 242,000 × 64 in planted clusters (bench/vectors.ts, LOG.md).
 * Qdrant itself knows how many points of a segment pass a filter, so the choice by selectivity is
 * left to it, at thresholds set here:
 * - few pass (their vectors take less than `full_scan_threshold` KB): exact, over those alone;
 * - more: the graph with `hnsw_ef` 256, recall .996 and more. Qdrant's own default loses up to 4 %, and
 *   its threshold of 10,000 KB scans where the graph answers ten times sooner.
 * ACORN is not used: where the graph with `hnsw_ef` 256 lost answers, exact search was the faster cure.
 */
export const HNSW: Schemas['HnswConfigDiff'] = { m: 16, ef_construct: 100, full_scan_threshold: 2_000 };

export const SEARCH: Schemas['SearchParams'] = { hnsw_ef: 256 };
