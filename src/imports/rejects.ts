import { createReadStream } from 'node:fs';
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Reject } from './types.ts';

export type RejectedRow = Reject & { row: number; file: string; line: number };

const DETAIL_LIMIT = 300;
/** Rows are as they came, people's among them. */
const PRIVATE = { mode: 0o600 };

/** The file of rows that could not be used, one JSON object a line; it exists only when there is one. */
export type RejectFile = { path: string; add(rows: RejectedRow[]): Promise<void> };

/** `after`: rows the import has done; what the file says of later ones is written anew. */
export async function openRejects(home: string, importId: string, after: number): Promise<RejectFile> {
  const path = join(home, 'imports', `${importId}.rejects.ndjson`);
  await mkdir(dirname(path), { recursive: true });
  if (after === 0) await rm(path, { force: true });
  else await keepUpTo(path, after);
  return {
    path,
    async add(rows) {
      if (rows.length > 0) await appendFile(path, rows.map(lineOf).join(''), PRIVATE);
    },
  };
}

const lineOf = ({ row, file, line, code, detail }: RejectedRow) =>
  `${JSON.stringify({ row, file, line, code, detail: detail?.slice(0, DETAIL_LIMIT).toWellFormed() })}\n`;

async function keepUpTo(path: string, after: number): Promise<void> {
  const kept: string[] = [];
  const part = `${path}.part`;
  await writeFile(part, '', PRIVATE);
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      if (isUpTo(line, after)) kept.push(`${line}\n`);
      if (kept.length >= 10_000) await appendFile(part, kept.splice(0).join(''));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await rm(part);
    return;
  }
  await appendFile(part, kept.join(''));
  await rename(part, path);
}

/** The last line may have been cut by the crash. */
function isUpTo(line: string, after: number): boolean {
  try {
    return (JSON.parse(line) as RejectedRow).row <= after;
  } catch {
    return false;
  }
}
