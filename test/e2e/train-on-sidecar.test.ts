import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { hamlet } from '../support/cli.ts';
import { newHome } from '../support/own-server.ts';
import { startSidecar } from '../support/sidecar.ts';

t.setTimeout(1_200_000);
const home = newHome(t);
const sidecar = await startSidecar(t, home, { jobs: 'hamlet_sidecar.jobs.registry' });

t.test(
  'a training from the terminal ends with its report, and with the reason where it failed',
  async (t) => {
    // A manifest whose digest does not match what lies beside it.
    const pixels = join(home, 'artifacts', `pixels-${'0'.repeat(32)}`);
    mkdirSync(pixels, { recursive: true });
    writeFileSync(join(pixels, 'pixels.safetensors'), 'not what it says');
    const files = { 'pixels.safetensors': { sha256: 'f'.repeat(64), bytes: 16 } };
    writeFileSync(join(pixels, 'manifest.json'), JSON.stringify({ files }));
    const spec = join(home, 'spec.json');
    writeFileSync(spec, JSON.stringify({ pixels: `pixels-${'0'.repeat(32)}`, model: 'clip-none' }));
    const json = join(home, 'report.json');

    const args = ['train', 'on-sidecar', 'embed-images', '--spec', spec, '--json', json];
    const { code, said } = hamlet(home, args, { SIDECAR_URL: sidecar.url });
    t.equal(code, 1);
    t.match(said, /^hamlet: digest-mismatch: pixels-0+\/pixels\.safetensors is not what its manifest says/m);
    t.match(JSON.parse(readFileSync(json, 'utf8')), { kind: 'embed-images', state: 'failed', attempt: 1 });

    writeFileSync(spec, JSON.stringify({ pixels: '../../etc', model: 'clip-none' }));
    t.match(
      hamlet(home, args, { SIDECAR_URL: sidecar.url }).said,
      /^hamlet: spec-invalid: .*\(\/spec\/pixels\)/m,
    );
    t.match(hamlet(home, args).said, /^hamlet: sidecar-unavailable: .*npm run sidecar/m);
  },
);
