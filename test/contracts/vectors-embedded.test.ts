import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLog } from '../../src/log.ts';
import { openVectors } from '../../src/vectors/index.ts';
import { vectorContract } from './vectors.ts';

t.test('the embedded store', async (t) => {
  vectorContract(t, async (t: Test) => {
    const home = mkdtempSync(join(tmpdir(), 'hamlet-vectors-'));
    const opened: { close(): Promise<void> }[] = [];
    t.teardown(async () => {
      for (const store of opened) await store.close();
      rmSync(home, { recursive: true });
    });
    return {
      open: async () => {
        const config = { HAMLET_HOME: home, VECTORS_URL: '', VECTORS_API_KEY: '' };
        const store = await openVectors(config, silentLog);
        opened.push(store);
        return store;
      },
    };
  });
});
