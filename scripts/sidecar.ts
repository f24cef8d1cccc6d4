import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { loadConfig } from '../src/config.ts';
import { SIDECAR_ENVIRONMENT, sidecarPython } from './sidecar-env.ts';

/** `npm run sidecar [-- serve --port N | run KIND …]`: makes the environment if need be and starts the service. */
const config = loadConfig();
const python = await sidecarPython();
const given = process.argv.slice(2);
const words = given.length > 0 ? given : ['serve'];
const artifacts = words.includes('--artifacts') ? [] : ['--artifacts', join(config.HAMLET_HOME, 'artifacts')];
const sidecar = spawn(python, ['-m', 'hamlet_sidecar', ...words, ...artifacts], {
  stdio: 'inherit',
  env: { ...process.env, ...SIDECAR_ENVIRONMENT },
});
let asked = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    asked = true;
    sidecar.kill(signal);
  });
sidecar.once('exit', (code) => process.exit(code ?? (asked ? 0 : 1)));
