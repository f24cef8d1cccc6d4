import { resolve } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../src/config.ts';

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
