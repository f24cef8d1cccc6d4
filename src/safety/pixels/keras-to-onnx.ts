import type { Layer, Weight } from './keras-layers.ts';
import { FLOAT, floats, model, node, value } from './onnx-writer.ts';

type Attributes = Record<string, number | number[] | string>;

/**
 * A Keras convolutional network as ONNX: the layers a MobileNet is made of, and an error for any other. Input and
 * weights keep their meaning: pixels come as [batch, row, column, channel], then channels go first, as ONNX wants.
 */
export function kerasToOnnx(layers: readonly Layer[], weights: ReadonlyMap<string, Weight>): Uint8Array {
  const nodes: Buffer[] = [];
  const constants: Buffer[] = [];
  /** Name of what a layer puts out; layers that do nothing when a model is asked put out what they are given. */
  const outputs = new Map<string, string>();
  let shape: (number | null)[] = [];
  let last = '';

  const weight = (name: string) => {
    const found = weights.get(name);
    if (found === undefined) throw new Error(`the weight ${name} is missing`);
    return found;
  };
  const constant = (name: string, { shape, values }: Weight) => {
    constants.push(floats(name, shape, values));
    return name;
  };
  const add = (type: string, inputs: string[], output: string, attributes: Attributes = {}) => {
    nodes.push(node(type, inputs, output, attributes));
    return output;
  };

  const translate = ({ name, class_name, config }: Layer, inputs: string[]): string => {
    const [input = ''] = inputs;
    switch (class_name) {
      case 'InputLayer':
        shape = config.batch_input_shape!;
        return add('Transpose', ['pixels'], name, { perm: [0, 3, 1, 2] });
      case 'ZeroPadding2D': {
        const [[top, bottom], [left, right]] = config.padding as [[number, number], [number, number]];
        // Pads of the convolution that follows: ONNX's Pad wants them as a tensor of whole numbers.
        padded.set(name, [top, left, bottom, right]);
        return input;
      }
      case 'Conv2D':
        return add('Conv', [input, constant(`${name}/W`, outFirst(weight(`${name}/kernel`)))], name, {
          ...window(config, input),
        });
      case 'DepthwiseConv2D': {
        const kernel = depthFirst(weight(`${name}/depthwise_kernel`));
        return add('Conv', [input, constant(`${name}/W`, kernel)], name, {
          ...window(config, input),
          group: kernel.shape[0]!,
        });
      }
      case 'BatchNormalization': {
        const { scale, shift } = affine(name, weight, config.epsilon!);
        const scaled = add('Mul', [input, constant(`${name}/scale`, scale)], `${name}/scaled`);
        return add('Add', [scaled, constant(`${name}/shift`, shift)], name);
      }
      case 'ReLU': {
        const floor = add('Relu', [input], config.max_value === undefined ? name : `${name}/floor`);
        if (config.max_value === undefined) return floor;
        const top = constant(`${name}/top`, { shape: [1], values: Float32Array.of(config.max_value) });
        return add('Min', [floor, top], name);
      }
      case 'Add':
        return add('Add', inputs, name);
      case 'AveragePooling2D':
        return add('AveragePool', [input], name, {
          kernel_shape: config.pool_size!,
          strides: config.strides!,
        });
      case 'Flatten': {
        const back = add('Transpose', [input], `${name}/channelsLast`, { perm: [0, 2, 3, 1] });
        return add('Flatten', [back], name, { axis: 1 });
      }
      case 'Dense': {
        const product = add(
          'MatMul',
          [input, constant(`${name}/W`, weight(`${name}/kernel`))],
          `${name}/product`,
        );
        const sum = add('Add', [product, constant(`${name}/B`, weight(`${name}/bias`))], `${name}/sum`);
        return add(config.activation === 'softmax' ? 'Softmax' : 'Relu', [sum], name, {
          ...(config.activation === 'softmax' ? { axis: 1 } : {}),
        });
      }
      case 'Dropout':
        return input;
      default:
        throw new Error(`${name} is a ${class_name}, which is not translated`);
    }
  };

  const padded = new Map<string, number[]>();
  const paddingOf = new Map<string, number[]>();
  const window = (config: Layer['config'], input: string): Attributes => {
    const pads = paddingOf.get(input);
    return {
      strides: config.strides!,
      ...(config.padding === 'same' ? { auto_pad: 'SAME_UPPER' } : pads ? { pads } : {}),
    };
  };

  for (const layer of layers) {
    const from = (layer.inbound_nodes[0] ?? []).map(([name]) => name);
    paddingOf.clear();
    for (const name of from) if (padded.has(name)) paddingOf.set(outputs.get(name)!, padded.get(name)!);
    last = translate(
      layer,
      from.map((name) => outputs.get(name)!),
    );
    outputs.set(layer.name, last);
  }
  const classes = weight(`${layers.at(-1)!.name}/bias`).shape[0]!;
  const pixels = shape.slice(1).map((side) => side!);
  return model(
    nodes,
    constants,
    [value('pixels', FLOAT, ['batch', ...pixels])],
    [value(last, FLOAT, ['batch', classes])],
  );
}

/** γ (x − μ) / √(σ² + ε) + β as a product and a sum, a number a channel. */
function affine(name: string, weight: (name: string) => Weight, epsilon: number) {
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map(
    (part) => weight(`${name}/${part}`).values,
  );
  const scale = gamma!.map((value, c) => value / Math.sqrt(variance![c]! + epsilon));
  const shift = beta!.map((value, c) => value - mean![c]! * scale[c]!);
  const shape = [1, scale.length, 1, 1];
  return { scale: { shape, values: scale }, shift: { shape, values: shift } };
}

/** [height, width, in, out] → [out, in, height, width]. */
function outFirst({ shape, values }: Weight): Weight {
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  const moved = new Float32Array(values.length);
  for (let at = 0; at < height * width; at++)
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < outputs; o++)
        moved[(o * inputs + i) * height * width + at] = values[(at * inputs + i) * outputs + o]!;
  return { shape: [outputs, inputs, height, width], values: moved };
}

/** [height, width, channel, 1] → [channel, 1, height, width]. */
function depthFirst({ shape, values }: Weight): Weight {
  const [height, width, channels] = shape as [number, number, number];
  const moved = outFirst({ shape: [height, width, 1, channels], values });
  return { shape: [channels, 1, height, width], values: moved.values };
}
