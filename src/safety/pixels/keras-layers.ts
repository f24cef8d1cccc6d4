/** A Keras model as TensorFlow.js stores it: layers by name, weights of one byte with a scale. */
export type Layer = {
  name: string;
  class_name: string;
  config: {
    strides?: [number, number];
    padding?: 'same' | 'valid' | [[number, number], [number, number]];
    pool_size?: [number, number];
    kernel_size?: [number, number];
    epsilon?: number;
    activation?: string;
    max_value?: number;
    batch_input_shape?: (number | null)[];
  };
  inbound_nodes: [string, number, number, object][][];
};
export type Weight = { shape: number[]; values: Float32Array };

type Spec = { name: string; shape: number[]; quantization: { min: number; scale: number; dtype: string } };
type ModelJson = {
  modelTopology: { model_config: { config: { layers: Layer[] } } };
  weightsManifest: { paths: string[]; weights: Spec[] }[];
};

/** @param shards the files of the weights in base64, by the name that the manifest gives them */
export function readLayers(
  json: unknown,
  shards: Record<string, string>,
): { layers: Layer[]; weights: Map<string, Weight> } {
  const { modelTopology, weightsManifest } = json as ModelJson;
  const weights = new Map<string, Weight>();
  for (const group of weightsManifest) {
    const bytes = Buffer.concat(group.paths.map((path) => Buffer.from(shards[path]!, 'base64')));
    let at = 0;
    for (const { name, shape, quantization } of group.weights) {
      if (quantization.dtype !== 'uint8') throw new Error(`${name} is of ${quantization.dtype}`);
      const size = shape.reduce((product, side) => product * side, 1);
      const stored = bytes.subarray(at, at + size);
      if (stored.length !== size) throw new Error(`${name} is cut off`);
      weights.set(name, {
        shape,
        values: Float32Array.from(stored, (byte) => byte * quantization.scale + quantization.min),
      });
      at += size;
    }
  }
  return { layers: modelTopology.model_config.config.layers, weights };
}
