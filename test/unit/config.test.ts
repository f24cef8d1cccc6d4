import { resolve } from 'node:path';
import t from 'tap';
import { settingsInForce } from '../../src/cli/settings.ts';
import { loadConfig, SETTINGS } from '../../src/config.ts';

const PACKAGE = resolve(import.meta.dirname, '../..');

t.test('without HAMLET_HOME the home lies beside package.json, wherever it is called from', async (t) => {
  const before = process.cwd();
  t.teardown(() => process.chdir(before));
  process.chdir(t.testdir());
  t.equal(loadConfig({}).HAMLET_HOME, resolve(PACKAGE, '.hamlet'));
  t.equal(loadConfig({ HAMLET_HOME: '' }).HAMLET_HOME, resolve(PACKAGE, '.hamlet'));
});

t.test('a HAMLET_HOME that is given is a path from the working directory', async (t) => {
  const before = process.cwd();
  t.teardown(() => process.chdir(before));
  process.chdir(t.testdir());
  t.equal(loadConfig({ HAMLET_HOME: 'mine' }).HAMLET_HOME, resolve(process.cwd(), 'mine'));
});

t.test('every setting that cannot be read is named at once, and none by its value', async (t) => {
  const env = {
    PORT: 'http',
    DRAW_SHARE: '2',
    VLM_BASE_URL: 'http://me:sekrit@gpu:8000/v1',
    LOG_LEVEL: 'loud',
  };
  try {
    loadConfig(env);
    t.fail('they were taken');
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    t.equal(code, 'settings-invalid');
    for (const name of Object.keys(env)) t.match(message, new RegExp(`^  ${name}: must be`, 'm'));
    t.notMatch(message, 'sekrit');
  }
});

t.test('settings are listed with what is in force, and of a secret only that it is set', async (t) => {
  const told = settingsInForce(
    loadConfig({ PORT: '4000', SIDECAR_TOKEN: 'sekrit', PICTURE_HOSTS: 'cdn.example, img.example' }),
  );
  const value = (name: string) => told.find((one) => one.name === name)?.value;
  t.same(
    told.map(({ name }) => name),
    Object.keys(SETTINGS),
  );
  t.same(['PORT', 'SIDECAR_TOKEN', 'VECTORS_API_KEY', 'PICTURE_HOSTS', 'LIST_DEPTH'].map(value), [
    4000,
    '(set)',
    '',
    'cdn.example,img.example',
    100,
  ]);
  t.ok(told.every(({ about }) => about.length > 10));
});
