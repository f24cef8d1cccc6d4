import type { Command } from 'commander';
import { type Config, loadConfig, SETTINGS } from '../config.ts';
import { report } from './output.ts';

type SettingInForce = { name: string; value: string | number; about: string };

/** `settings`: what the environment may say, and what it says. Needs no database. */
export const addSettingsCommand = (program: Command) =>
  program
    .command('settings')
    .description('List every setting of the environment, its value in force and what it is.')
    .option('--json [file]', 'as JSON, to a file or to standard output')
    .action(async ({ json }: { json?: string | boolean }) => {
      const settings = settingsInForce(loadConfig());
      if (json !== undefined) return report(settings, json);
      for (const { name, value, about } of settings) process.stdout.write(`${name}=${value}\n    ${about}\n`);
    });

/** Of a secret only whether it is set. */
export const settingsInForce = (config: Config): SettingInForce[] =>
  (Object.keys(SETTINGS) as (keyof Config)[]).map((name) => {
    const { about, ...more } = SETTINGS[name];
    const value = config[name];
    const plain = typeof value === 'object' ? [...value].join() : value;
    return { name, value: 'secret' in more && plain !== '' ? '(set)' : plain, about };
  });
