-- What a list was ranked by, for rankers that learn from it: of its first positions each feature as a byte, item by
-- item, in the order of pipeline_versions.body.features (src/recommend/features.ts). Null for lists of older releases.
alter table recommendations add column features bytea;
