import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import cliProgress from 'cli-progress';
import pino from 'pino';
import { type Config, loadConfig, SETTINGS } from '../config.ts';
import { HamletError } from '../errors.ts';
import type { Log } from '../log.ts';

/** A bar on a terminal, a plain line every 10 % (or two seconds) elsewhere. */
export function progressBar(label: string) {
  if (process.stderr.isTTY) {
    const bar = new cliProgress.SingleBar(
      { format: `${label} {bar} {percentage}% {note}`, hideCursor: true, stream: process.stderr },
      cliProgress.Presets.shades_classic,
    );
    bar.start(1, 0, { note: '' });
    return {
      update: (fraction: number, note = '') => bar.update(Math.min(1, fraction), { note }),
      stop: () => bar.stop(),
    };
  }
  let shownAt = 0;
  let shown = -1;
  return {
    update(fraction: number, note = '') {
      const tenth = Math.floor(fraction * 10);
      if (tenth === shown && Date.now() - shownAt < 2000) return;
      shown = tenth;
      shownAt = Date.now();
      process.stderr.write(`${label}: ${Math.round(Math.min(1, fraction) * 100)} % ${note}\n`);
    },
    stop() {},
  };
}

/** Commands log only what needs attention; the figures they report go to standard output. */
export function commandSetup(): { config: Config; log: Log } {
  const config = loadConfig();
  const level = config.LOG_LEVEL === SETTINGS.LOG_LEVEL.fallback ? 'warn' : config.LOG_LEVEL;
  return { config, log: pino({ level }, pino.destination({ dest: 2, sync: true })) };
}

/** Prints the report, or writes it where `--json FILE` says (`-` or no name: standard output). */
export async function report(value: unknown, json: string | boolean | undefined): Promise<void> {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (typeof json !== 'string' || json === '-') {
    process.stdout.write(text);
    return;
  }
  await mkdir(dirname(json), { recursive: true });
  await writeFile(json, text);
  process.stderr.write(`written to ${json}\n`);
}

/** The one way a command ends badly: expected errors in a line, bugs with their stack. */
export function failWith(error: unknown): never {
  const text =
    error instanceof HamletError
      ? `${error.code}: ${error.message}${error.pointer ? ` (${error.pointer})` : ''}`
      : error instanceof Error
        ? error.stack
        : String(error);
  process.stderr.write(`hamlet: ${text}\n`);
  process.exit(1);
}
