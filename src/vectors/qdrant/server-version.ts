import { HamletError } from '../../errors.ts';
import type { Connection } from './connect.ts';

/** The first with conditional updates, which the version gate needs, and with ACORN. */
const NEEDED = [1, 16];

/**
 * An older server would not refuse a conditional update: it would not see the condition.
 * @throws HamletError `vectors-too-old` (503)
 */
export async function requireServer(serve: Connection['serve']): Promise<void> {
  const { version } = await serve((client) => client.versionInfo());
  const [major = 0, minor = 0] = String(version).split('.').map(Number);
  if (major > NEEDED[0]! || (major === NEEDED[0] && minor >= NEEDED[1]!)) return;
  throw new HamletError(
    'vectors-too-old',
    503,
    `Qdrant ${NEEDED.join('.')} or newer is needed, not ${String(version).slice(0, 20)}.`,
  );
}
