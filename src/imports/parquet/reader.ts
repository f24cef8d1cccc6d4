import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { badInput } from '../../errors.ts';
import type { WorkerAnswer, WorkerTask } from './worker.ts';

const BATCH_ROWS = 5_000;
/** Heap of the decoding thread; ImageGem's widest pages need a tenth of it. */
const HEAP_MB = 512;
const PATIENCE = 60_000;

/** Rows by name of column; a column the file lacks is absent. */
export type ParquetRow = Record<string, unknown>;
/** `first`: rows of the file before these. Rows of a row group that cannot be read have a reason instead of values. */
export type ParquetBatch = { first: number } & ({ rows: ParquetRow[] } | { damaged: number; reason: string });
export type ParquetFile = {
  rows: number;
  batches(): AsyncGenerator<ParquetBatch>;
  close(): Promise<unknown>;
};

/**
 * Opens a parquet file for reading from row `from` on, in a thread of its own, at constant memory.
 * @throws HamletError (400) `file-unreadable`, `parquet-invalid`, `parquet-columns-missing`; `parquet-invalid` also
 * while reading, when decoding does not end or takes too much memory.
 */
export async function openParquet(
  path: string,
  columns: { required: string[]; optional: string[] },
  from = 0,
  patience = PATIENCE,
): Promise<ParquetFile> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw badInput('file-unreadable', `${path} cannot be read (${error.code}).`);
  });
  if (!info.isFile()) throw badInput('file-unreadable', `${path} is not a file.`);
  const wanted = [...columns.required, ...columns.optional];
  const task: WorkerTask = { path, wanted, from, batch: BATCH_ROWS };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const close = () => worker.terminate();
  try {
    const opened = await ask(worker, path, patience);
    if (opened.kind !== 'opened') throw new Error(`unexpected answer ${opened.kind}`);
    const missing = columns.required.filter((name) => !opened.columns.includes(name));
    if (missing.length > 0)
      throw badInput('parquet-columns-missing', `${path} lacks the columns ${missing.join(', ')}.`);
    return { rows: opened.rows, batches: () => readBatches(worker, path, patience), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One batch is decoded while the one before it is being stored. */
async function* readBatches(worker: Worker, path: string, patience: number): AsyncGenerator<ParquetBatch> {
  let next = ask(worker, path, patience);
  try {
    for (;;) {
      const answer = await next;
      if (answer.kind !== 'rows' && answer.kind !== 'damaged') return;
      next = ask(worker, path, patience);
      next.catch(() => {});
      const { first, count } = answer;
      if (answer.kind === 'rows') yield { first, rows: rowsOf(count, answer.values) };
      else yield { first, damaged: count, reason: answer.reason };
    }
  } finally {
    await worker.terminate();
  }
}

function rowsOf(count: number, values: Record<string, unknown[]>): ParquetRow[] {
  const columns = Object.entries(values);
  return Array.from({ length: count }, (_, index) => {
    const row: ParquetRow = {};
    for (const [name, column] of columns) row[name] = column[index];
    return row;
  });
}

function ask(worker: Worker, path: string, patience: number): Promise<WorkerAnswer> {
  const invalid = (reason: string) =>
    badInput('parquet-invalid', `${path} is not a sound parquet file: ${reason}.`);
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      settle();
    };
    const onMessage = (answer: WorkerAnswer) =>
      end(() => (answer.kind === 'failed' ? reject(invalid(answer.reason)) : resolve(answer)));
    const onError = (error: Error) => end(() => reject(invalid(error.message)));
    const onExit = () => end(() => reject(invalid('its decoder stopped')));
    const timer = setTimeout(() => {
      end(() => reject(invalid('decoding it does not end')));
      void worker.terminate();
    }, patience);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage('next');
  });
}
