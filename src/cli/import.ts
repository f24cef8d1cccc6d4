import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SafetyPolicy } from '../catalog/types.ts';
import {
  type ImportParts,
  type ImportProgress,
  type ImportReport,
  importCsv,
  importImagegem,
  importMovielens,
  importNdjson,
  importSequences,
} from '../imports/index.ts';
import { openIndexed } from '../store.ts';
import { commandSetup, progressBar, report } from './output.ts';

type Work = (parts: ImportParts, progress: ImportProgress) => Promise<ImportReport>;

/** `import sequences|movielens|imagegem|ndjson`: streaming, resumable, idempotent. */
export function addImportCommands(program: Command): void {
  const imports = program
    .command('import')
    .description('Load a catalogue and an interaction log; run it again after a crash and it goes on.');

  common(imports.command('sequences <file>'), 'trusted')
    .description('`user item` a line (pairs) or `user item item …` (rows), in time order, without times.')
    .addOption(new Option('--format <format>', 'of the file; found out by itself').choices(['pairs', 'rows']))
    .option('--titles <file>', '`id::title::genres` lines (latin-1), as MovieLens has them')
    .option('--map <file>', 'item id → id in the titles file, a pair a line')
    .action((file, options) =>
      run(options, (parts, progress) => importSequences(parts, { file, ...options }, progress)),
    );

  common(imports.command('movielens <folder>'), 'trusted')
    .description('ratings and movies (.dat or .csv): each rating is a view, 4 and more also a like.')
    .action((folder, options) =>
      run(options, (parts, progress) => importMovielens(parts, { folder, ...options }, progress)),
    );

  common(imports.command('imagegem'), 'unknown')
    .description('The ImageGem/Civitai tables as parquet.')
    .option('--images <file>', 'one row per image × model version')
    .option('--models <file>', 'one row per model file')
    .action((options) => run(options, (parts, progress) => importImagegem(parts, options, progress)));

  common(imports.command('csv <file>'), 'unknown')
    .description(
      'A table of items with a header: id or file, title, tags (a|b), prompt, url, browsingLevel …',
    )
    .option(
      '--pictures <folder-or-url>',
      'of the pictures that `file` names: kept here, or fetched from there',
    )
    .action((file, options) =>
      run(options, (parts, progress) => importCsv(parts, { file, ...options }, progress)),
    );

  common(imports.command('ndjson <file>'), 'unknown')
    .description('One item, user or event a line.')
    .action((file, options) =>
      run(options, (parts, progress) => importNdjson(parts, { file, ...options }, progress)),
    );
}

const common = (command: Command, policy: string) =>
  command
    .addOption(
      new Option(
        '--safety <policy>',
        'what an item without a browsing level is: trusted, level=N, unknown (held) or classify (held until classified)',
      )
        .argParser(parseSafety)
        .default(parseSafety(policy), policy),
    )
    .option('--json <file>', 'where the report goes; standard output without it');

function parseSafety(text: string): SafetyPolicy {
  if (text === 'trusted' || text === 'unknown' || text === 'classify') return { mode: text };
  const level = Number(/^level=(\d+)$/.exec(text)?.[1]);
  if ([1, 2, 4, 8, 16].includes(level)) return { mode: 'level', level };
  throw new InvalidArgumentError('use trusted, unknown, classify or level=1|2|4|8|16');
}

async function run(options: { json?: string }, work: Work): Promise<void> {
  const { config, log } = commandSetup();
  const parts = await openIndexed(config, log);
  try {
    const bar = progressBar('import');
    const result = await work({ ...parts, home: config.HAMLET_HOME }, bar.update);
    bar.stop();
    await report(result, options.json);
  } finally {
    await parts.close();
  }
}
