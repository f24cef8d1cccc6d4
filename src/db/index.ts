export { type BackupReport, backupDatabase, restoreDatabase } from './backup.ts';
export { createDatabase, type Database, openDatabase, openMigrated } from './database.ts';
export { joinEmbedded } from './embedded/join.ts';
export { isDatabaseAway, isDataError, translateDatabaseError } from './errors.ts';
export { type DatabaseState, inspectDatabase } from './inspect.ts';
export { type ParquetTable, writeTable } from './parquet.ts';
export { openPool } from './pool.ts';
export { query } from './query.ts';
export { inTransaction } from './transaction.ts';
