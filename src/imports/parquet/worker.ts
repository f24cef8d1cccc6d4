import { open } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { parquetSchema } from 'hyparquet';
import { openColumn } from './column.ts';
import { openBytes, readMetadata } from './file.ts';

/** Runs in a worker thread with bounded memory: a file that makes the decoder run wild ends the thread only. */

export type WorkerTask = { path: string; wanted: string[]; from: number; batch: number };
export type WorkerAnswer =
  | { kind: 'opened'; rows: number; columns: string[] }
  | { kind: 'rows'; first: number; count: number; values: Record<string, unknown[]> }
  | { kind: 'damaged'; first: number; count: number; reason: string }
  | { kind: 'done' }
  | { kind: 'failed'; reason: string };

const { path, wanted, from, batch } = workerData as WorkerTask;
const answer = (message: WorkerAnswer) => parentPort!.postMessage(message);

async function* read(): AsyncGenerator<WorkerAnswer> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const metadata = await readMetadata(handle, size);
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    const columns = wanted.filter((name) => names.includes(name));
    yield { kind: 'opened', rows: Number(metadata.num_rows), columns };
    let first = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      let done = Math.min(rows, Math.max(0, from - first));
      try {
        const readers = (done === rows ? [] : columns).map((name) => {
          const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name);
          if (chunk === undefined) throw new Error(`a row group lacks column ${name}`);
          return { name, column: openColumn(openBytes(handle, size), metadata, chunk, rows) };
        });
        for (const { column } of readers) await column.skip(done);
        for (; done < rows; done += batch) {
          const count = Math.min(batch, rows - done);
          const values: Record<string, unknown[]> = {};
          for (const { name, column } of readers) values[name] = await column.take(count);
          yield { kind: 'rows', first: first + done, count, values };
        }
      } catch (error) {
        // Row groups stand by themselves: one that cannot be read takes no other with it.
        for (; done < rows; done += batch) {
          const count = Math.min(batch, rows - done);
          yield { kind: 'damaged', first: first + done, count, reason: textOf(error) };
        }
      }
      first += rows;
    }
    yield { kind: 'done' };
  } finally {
    await handle.close();
  }
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const answers = read();
parentPort!.on('message', async () => {
  try {
    const { value } = await answers.next();
    answer(value ?? { kind: 'done' });
  } catch (error) {
    answer({ kind: 'failed', reason: textOf(error) });
  }
});
