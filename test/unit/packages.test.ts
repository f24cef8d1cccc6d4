import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import t from 'tap';

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../..', name), 'utf8'));
const manifest = read<{
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}>('package.json');
const lock = read<{ packages: Record<string, { hasInstallScript?: true; resolved?: string }> }>(
  'package-lock.json',
);
const locked = Object.entries(lock.packages);

t.test('of every package that has an install script it is decided whether it runs', async (t) => {
  // npm 12 runs none that is not named here, and without node’s own nothing starts.
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript);
  const names = scripted.map(([path]) =>
    path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
  );
  t.same(Object.keys(manifest.allowScripts).sort(), [...new Set(names)].sort());
});

t.test('versions are exact, and a lock from one registry serves any other', async (t) => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  t.same(
    versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    [],
  );
  t.same(
    locked.filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith('file:')),
    [],
  );
});
