import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FLOAT, INT64, model, node, tensor, value } from '../../src/safety/pixels/onnx-writer.ts';
import { wordTokenizer } from './word-tokenizer.ts';

/**
 * Writes a whole text classifier of under 3 KB that answers what the test planted: each word has a logit a label,
 * a text's logit is the highest of its words.
 */
export function writeTinyClassifier(
  folder: string,
  options: {
    labels: string[];
    words: Record<string, number[]>;
    problemType?: string;
    file?: 'model.onnx' | 'onnx/model.onnx';
  },
): void {
  const { labels, words, problemType, file = 'onnx/model.onnx' } = options;
  const silent = labels.map(() => -20);
  const table = [silent, silent, ...Object.values(words)];
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  write(file, wordTableModel(table, labels.length));
  write(
    'config.json',
    JSON.stringify({
      model_type: 'bert',
      architectures: ['BertForSequenceClassification'],
      id2label: Object.fromEntries(labels.map((label, index) => [index, label])),
      problem_type: problemType,
    }),
  );
  for (const [name, content] of Object.entries(wordTokenizer(Object.keys(words)))) write(name, content);
}

/** logits = ReduceMax(Gather(table, input_ids), axis 1). */
const wordTableModel = (table: number[][], labels: number): Uint8Array =>
  model(
    [
      node('Gather', ['table', 'input_ids'], 'rows'),
      node('ReduceMax', ['rows'], 'logits', { axes: [1], keepdims: 0 }),
    ],
    [tensor('table', table)],
    [value('input_ids', INT64, ['batch', 'sequence'])],
    [value('logits', FLOAT, ['batch', labels])],
  );
