import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes a whole text classifier of under 3 KB that answers what the test planted: each word has a logit a label,
 * a text's logit is the highest of its words. ONNX is protobuf; the few messages it needs are encoded here
 * (field numbers from onnx.proto3), so that the test needs no Python.
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
  const vocab = Object.fromEntries(['[PAD]', '[UNK]', ...Object.keys(words)].map((word, id) => [word, id]));
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
  write(
    'tokenizer_config.json',
    JSON.stringify({
      tokenizer_class: 'PreTrainedTokenizerFast',
      pad_token: '[PAD]',
      unk_token: '[UNK]',
      model_max_length: 512,
    }),
  );
  const special = (content: string, id: number) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  });
  write(
    'tokenizer.json',
    JSON.stringify({
      version: '1.0',
      added_tokens: [special('[PAD]', 0), special('[UNK]', 1)],
      normalizer: null,
      pre_tokenizer: { type: 'Whitespace' },
      post_processor: null,
      decoder: null,
      model: { type: 'WordLevel', vocab, unk_token: '[UNK]' },
    }),
  );
}

const FLOAT = 1;
const INT64 = 7;

/** logits = ReduceMax(Gather(table, input_ids), axis 1). */
function wordTableModel(table: number[][], labels: number): Uint8Array {
  const raw = Buffer.from(new Float32Array(table.flat()).buffer);
  const tensor = message(
    ...[number(1, table.length), number(1, labels), number(2, FLOAT), text(8, 'table'), bytes(9, raw)],
  );
  const gather = message(text(1, 'table'), text(1, 'input_ids'), text(2, 'rows'), text(4, 'Gather'));
  const axes = message(text(1, 'axes'), number(8, 1), number(20, 7));
  const keep = message(text(1, 'keepdims'), number(3, 0), number(20, 2));
  const max = message(
    text(1, 'rows'),
    text(2, 'logits'),
    text(4, 'ReduceMax'),
    bytes(5, axes),
    bytes(5, keep),
  );
  const graph = message(
    ...[bytes(1, gather), bytes(1, max), text(2, 'words'), bytes(5, tensor)],
    bytes(11, value('input_ids', INT64, ['batch', 'sequence'])),
    bytes(12, value('logits', FLOAT, ['batch', labels])),
  );
  return message(number(1, 8), bytes(8, message(text(1, ''), number(2, 13))), bytes(7, graph));
}

function value(name: string, type: number, shape: (string | number)[]): Buffer {
  const dims = shape.map((dim) => bytes(1, typeof dim === 'string' ? text(2, dim) : number(1, dim)));
  return message(text(1, name), bytes(2, bytes(1, message(number(1, type), bytes(2, message(...dims))))));
}

const message = (...parts: Buffer[]) => Buffer.concat(parts);
const number = (field: number, value: number) => message(varint(field << 3), varint(value));
const bytes = (field: number, value: Uint8Array) =>
  message(varint((field << 3) | 2), varint(value.length), Buffer.from(value));
const text = (field: number, value: string) => bytes(field, Buffer.from(value));

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  return Buffer.from([...out, rest]);
}
