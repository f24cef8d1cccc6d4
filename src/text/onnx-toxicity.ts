import { access, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { PreTrainedModel, PreTrainedTokenizer } from '@huggingface/transformers';
import { HamletError, unavailable } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ToxicityScorer } from './toxicity.ts';

/** Labels that mean "unsafe"; Detoxify's unbiased model also has labels that only name who is spoken of. */
const UNSAFE_LABEL = /tox|obscen|threat|insult|identity_(?:attack|hate)|sexual|hate|nsfw|unsafe|offens/iu;
const SAFE_LABEL = /^(?:non|not|no)[-_ ]?|^(?:neutral|normal|safe|label_0)$/iu;
/** Characters a window holds, about half of the 512 tokens that BERT-like models read: nothing hides behind a long start. */
const WINDOW = 1_200;
const MAX_TOKENS = 512;
const BATCH = 16;

type Layout = { folder: string; subfolder: '' | 'onnx'; labels: number[]; exclusive: boolean };
type Loaded = { tokenizer: PreTrainedTokenizer; model: PreTrainedModel };

/**
 * A Detoxify-type text classifier: a folder with config.json (id2label), tokenizer.json, tokenizer_config.json and
 * model.onnx or onnx/model.onnx. A text's score is the highest over its windows and unsafe labels. The folder is
 * looked at now, the model is loaded by the first text.
 * @throws HamletError `toxicity-model-invalid` naming what is missing.
 */
export async function onnxScorer(path: string, log: Log): Promise<ToxicityScorer> {
  const layout = await readLayout(resolve(path));
  let loading: Promise<Loaded> | undefined;
  const loaded = () => {
    loading ??= load(layout, log);
    loading.catch(() => {
      loading = undefined;
    });
    return loading;
  };
  return {
    name: basename(layout.folder),
    async score(texts) {
      try {
        return await scoreAll(texts, layout, await loaded());
      } catch (error) {
        throw unavailable(
          'toxicity-unavailable',
          `The text classifier in ${layout.folder} cannot be run: ${(error as Error).message}`,
          5,
          error,
        );
      }
    },
  };
}

async function scoreAll(texts: string[], layout: Layout, loaded: Loaded): Promise<number[]> {
  const windows = texts.flatMap((text, index) => windowsOf(text).map((part) => ({ index, part })));
  const scores = texts.map(() => 0);
  // Windows of like length share a batch, so that padding costs little.
  windows.sort((a, b) => a.part.length - b.part.length);
  for (let start = 0; start < windows.length; start += BATCH) {
    const batch = windows.slice(start, start + BATCH);
    const found = await classify(
      batch.map(({ part }) => part),
      layout,
      loaded,
    );
    batch.forEach(({ index }, row) => {
      scores[index] = Math.max(scores[index]!, found[row]!);
    });
  }
  return scores;
}

async function classify(texts: string[], layout: Layout, { tokenizer, model }: Loaded): Promise<number[]> {
  const input = tokenizer(texts, { padding: true, truncation: true, max_length: MAX_TOKENS });
  const { logits } = (await model(input)) as { logits: { data: Float32Array; dims: number[] } };
  const width = logits.dims.at(-1)!;
  return texts.map((_, row) => {
    const probabilities = toProbabilities(
      logits.data.subarray(row * width, (row + 1) * width),
      layout.exclusive,
    );
    const score = Math.max(...layout.labels.map((label) => probabilities[label]!));
    if (!Number.isFinite(score)) throw new Error('the model answered a score that is not a number');
    return score;
  });
}

/** Softmax where config.json says that one label excludes the others, else a sigmoid each (Detoxify). */
function toProbabilities(logits: Float32Array, exclusive: boolean): number[] {
  if (!exclusive) return Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
  const top = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function windowsOf(text: string): string[] {
  const windows: string[] = [];
  for (let start = 0; start < text.length; start += WINDOW) windows.push(text.slice(start, start + WINDOW));
  return windows;
}

async function load({ folder, subfolder }: Layout, log: Log): Promise<Loaded> {
  // Imported here because it brings the ONNX runtime, which most installations never need.
  const { AutoModelForSequenceClassification, AutoTokenizer, env } = await import(
    '@huggingface/transformers'
  );
  env.allowRemoteModels = false;
  const started = performance.now();
  const tokenizer = await AutoTokenizer.from_pretrained(folder, { local_files_only: true });
  const model = await AutoModelForSequenceClassification.from_pretrained(folder, {
    local_files_only: true,
    subfolder,
    dtype: 'fp32',
  });
  log.info({ folder, ms: Math.round(performance.now() - started) }, 'text classifier loaded');
  return { tokenizer, model };
}

async function readLayout(folder: string): Promise<Layout> {
  const invalid = (message: string) =>
    new HamletError('toxicity-model-invalid', 500, `TOXICITY_MODEL ${folder}: ${message}`);
  const exists = (name: string) =>
    access(join(folder, name)).then(
      () => true,
      () => false,
    );
  for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json'])
    if (!(await exists(name))) throw invalid(`${name} is missing`);
  const subfolder = (await exists('onnx/model.onnx')) ? 'onnx' : '';
  if (subfolder === '' && !(await exists('model.onnx')))
    throw invalid('neither model.onnx nor onnx/model.onnx');

  const { id2label, problem_type } = await readConfig(join(folder, 'config.json')).catch((error: Error) => {
    throw invalid(`config.json cannot be read: ${error.message}`);
  });
  const labels = Object.entries(id2label)
    .filter(([, label]) => UNSAFE_LABEL.test(label) && !SAFE_LABEL.test(label))
    .map(([index]) => Number(index));
  if (labels.length === 0) throw invalid('id2label names no label that means unsafe');
  return { folder, subfolder, labels, exclusive: problem_type === 'single_label_classification' };
}

async function readConfig(
  path: string,
): Promise<{ id2label: Record<string, string>; problem_type?: string }> {
  const config = JSON.parse(await readFile(path, 'utf8')) as { id2label?: unknown; problem_type?: string };
  const { id2label, problem_type } = config;
  const readable =
    typeof id2label === 'object' &&
    id2label !== null &&
    Object.entries(id2label).every(([index, label]) => /^\d+$/u.test(index) && typeof label === 'string');
  if (!readable) throw new Error('id2label is missing');
  return { id2label: id2label as Record<string, string>, problem_type };
}
