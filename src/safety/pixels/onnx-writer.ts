/**
 * ONNX is protobuf; the few messages that small models need are encoded here (field numbers from onnx.proto3),
 * so that neither a test that plants a model nor weights that come in another format need Python.
 */
export const FLOAT = 1;
export const INT64 = 7;

export function value(name: string, type: number, shape: (string | number)[]): Buffer {
  const dims = shape.map((dim) => bytes(1, typeof dim === 'string' ? text(2, dim) : number(1, dim)));
  return message(text(1, name), bytes(2, bytes(1, message(number(1, type), bytes(2, message(...dims))))));
}

export const message = (...parts: Buffer[]) => Buffer.concat(parts);
export const number = (field: number, value: number) => message(varint(field << 3), varint(value));
export const bytes = (field: number, value: Uint8Array) =>
  message(varint((field << 3) | 2), varint(value.length), Buffer.from(value));
export const text = (field: number, value: string) => bytes(field, Buffer.from(value));

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  return Buffer.from([...out, rest]);
}

export const tensor = (name: string, rows: number[][]) =>
  floats(name, [rows.length, rows[0]!.length], new Float32Array(rows.flat()));

export const floats = (name: string, shape: readonly number[], values: Float32Array) =>
  message(
    ...[...shape.map((size) => number(1, size)), number(2, FLOAT), text(8, name)],
    bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );

export function node(
  type: string,
  inputs: string[],
  output: string | string[],
  attributes: Record<string, number | number[] | string> = {},
) {
  const encoded = Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'number') return message(text(1, name), number(3, value), number(20, 2));
    if (typeof value === 'string') return message(text(1, name), text(4, value), number(20, 3));
    return message(text(1, name), ...value.map((entry) => number(8, entry)), number(20, 7));
  });
  return message(
    ...inputs.map((input) => text(1, input)),
    ...[output].flat().map((name) => text(2, name)),
    ...[text(4, type), ...encoded.map((attribute) => bytes(5, attribute))],
  );
}

/** IR version 8, operator set 13. */
export const model = (nodes: Buffer[], weights: Buffer[], inputs: Buffer[], outputs: Buffer[]): Uint8Array =>
  message(
    number(1, 8),
    bytes(8, message(text(1, ''), number(2, 13))),
    bytes(
      7,
      message(
        ...[...nodes.map((one) => bytes(1, one)), text(2, 'hamlet'), ...weights.map((one) => bytes(5, one))],
        ...[...inputs.map((one) => bytes(11, one)), ...outputs.map((one) => bytes(12, one))],
      ),
    ),
  );
