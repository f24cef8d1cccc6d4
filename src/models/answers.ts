import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { artifactInvalid, type Manifest } from './artifact.ts';

export const ANSWERS_FILE = 'answers.json';
const TOLERANCE = 1e-4;
const LARGEST = 64 << 20;

const Values = Type.Object({
  type: Type.Unsafe<'float32' | 'int32' | 'int64'>({ type: 'string', enum: ['float32', 'int32', 'int64'] }),
  dims: Type.Array(Type.Integer({ minimum: 0, maximum: 1 << 24 }), { maxItems: 8 }),
  data: Type.Array(Type.Number(), { maxItems: 1 << 20 }),
});
type Values = { type: 'float32' | 'int32' | 'int64'; dims: number[]; data: number[] };
const ByName = Type.Unsafe<Record<string, Values>>({ type: 'object', additionalProperties: Values });
const isAnswers = Compile(
  Type.Array(Type.Object({ model: Type.String(), inputs: ByName, outputs: ByName }), {
    minItems: 1,
    maxItems: 100,
  }),
);

/**
 * Asks each model of a verified artifact what its maker asked, and compares the answers: an export that this
 * runtime reads differently is found here and not in somebody's list.
 * @throws HamletError `artifact-invalid` (422)
 */
export async function checkAnswers(folder: string, manifest: Manifest): Promise<void> {
  if (manifest.files[ANSWERS_FILE] === undefined) return;
  if (manifest.files[ANSWERS_FILE].bytes > LARGEST)
    throw artifactInvalid(folder, `${ANSWERS_FILE} is larger than ${LARGEST} bytes`);
  const stored: unknown = JSON.parse(await readFile(join(folder, ANSWERS_FILE), 'utf8').catch(() => 'null'));
  if (!isAnswers.Check(stored))
    throw artifactInvalid(folder, `${ANSWERS_FILE} holds no questions and answers`);
  for (const { model, inputs, outputs } of stored) {
    if (manifest.files[model] === undefined)
      throw artifactInvalid(
        folder,
        `${ANSWERS_FILE} asks ${model.slice(0, 100)}, which is not in the manifest`,
      );
    const given = await ask(join(folder, model), inputs).catch((error: Error) => {
      throw artifactInvalid(folder, `${model} does not answer: ${error.message}`, error);
    });
    for (const [name, { data }] of Object.entries(outputs)) {
      const difference = furthest(data, given[name]?.data);
      if (!(difference <= TOLERANCE))
        throw artifactInvalid(folder, `${model} answers ${name} ${difference} off its stored answer`);
    }
  }
}

async function ask(path: string, inputs: Record<string, Values>) {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  try {
    const feeds = Object.entries(inputs).map(([name, values]) => [name, tensorOf(values)] as const);
    return await session.run(Object.fromEntries(feeds));
  } finally {
    await session.release();
  }
}

function tensorOf({ type, dims, data }: Values): Tensor {
  if (type === 'int64') return new Tensor(type, BigInt64Array.from(data, BigInt), dims);
  return type === 'int32'
    ? new Tensor(type, Int32Array.from(data), dims)
    : new Tensor(type, Float32Array.from(data), dims);
}

/** Infinite where the lengths differ or a number is none. */
function furthest(expected: number[], given: Tensor['data'] | undefined): number {
  if (given === undefined || given.length !== expected.length) return Number.POSITIVE_INFINITY;
  return expected.reduce((most, value, n) => {
    const difference = Math.abs(value - Number(given[n]));
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(most, difference);
  }, 0);
}
