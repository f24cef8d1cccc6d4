import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HamletError } from '../../errors.ts';
import type { Shape } from '../../images/index.ts';
import { checkLevels, type LevelRule } from '../rule.ts';

/** How a picture becomes a network's input. */
export type PixelInput = {
  /** Pixels a side of the square that the network sees. */
  size: number;
  layout: 'nhwc' | 'nchw';
  channels: 'rgb' | 'bgr';
  /** `corners`: bilinear over the whole picture with corners aligned (TensorFlow); `triangle`: antialiased (Pillow, PyTorch). */
  resize: 'corners' | 'triangle';
  /** Side of what is resized before the middle is cut out; absent = `size`. */
  before?: number;
  /** A value is (byte / divide − mean) / std. */
  divide: number;
  mean: [number, number, number];
  std: [number, number, number];
};
export type ClassifierManifest = {
  name: string;
  version: string;
  input: PixelInput;
  /** In the order of the network's answers, which are probabilities unless `softmax`. */
  classes: string[];
  softmax?: boolean;
  levels: LevelRule[];
};

/** Larger pictures are reduced to this before anything else looks at them: pixels beyond it carry nothing. */
const MOST = 1_024;

/**
 * Any image classifier in ONNX: a folder with `classifier.json` (a ClassifierManifest) and `model.onnx`, one input.
 * @throws HamletError `classifier-missing`, `classifier-invalid`
 */
export async function readManifest(folder: string): Promise<ClassifierManifest & { model: string }> {
  const model = join(folder, 'model.onnx');
  const [text, bytes] = await Promise.all([
    readFile(join(folder, 'classifier.json'), 'utf8'),
    readFile(model),
  ]).catch((error) => {
    throw new HamletError('classifier-missing', 500, `${folder} is no classifier: ${error.message}`);
  });
  const manifest = checked(folder, text);
  const digest = createHash('sha256').update(text).update(bytes).digest('hex').slice(0, 12);
  return { ...manifest, version: `${manifest.version}-${digest}`, model };
}

function checked(folder: string, text: string): ClassifierManifest {
  const invalid = (what: string) =>
    new HamletError('classifier-invalid', 500, `${folder}/classifier.json cannot be used: ${what}`);
  let manifest: ClassifierManifest;
  try {
    manifest = JSON.parse(text) as ClassifierManifest;
  } catch (error) {
    throw invalid((error as Error).message);
  }
  const { name, version, input, classes, levels } = manifest ?? {};
  if (!/^[a-z][a-z0-9-]{0,63}$/u.test(name)) throw invalid('name');
  if (!/^[\w.-]{1,64}$/u.test(version)) throw invalid('version');
  if (!Array.isArray(classes) || classes.length < 2 || classes.some((entry) => typeof entry !== 'string'))
    throw invalid('classes');
  checkLevels(name, levels);
  const { size, before = size, layout, channels, resize, divide, mean, std } = input ?? {};
  const sides = [size, before].every((side) => Number.isInteger(side) && side! >= 8 && side! <= MOST);
  if (!sides || before! < size!) throw invalid('input.size');
  if (!['nhwc', 'nchw'].includes(layout!)) throw invalid('input.layout');
  if (!['rgb', 'bgr'].includes(channels!)) throw invalid('input.channels');
  if (!['corners', 'triangle'].includes(resize!)) throw invalid('input.resize');
  const three = (values: unknown) =>
    Array.isArray(values) && values.length === 3 && values.every((value) => Number.isFinite(value));
  if (!(divide! > 0) || !three(mean) || !three(std) || std!.some((value) => value === 0))
    throw invalid('input.divide, mean or std');
  return manifest;
}

/** What the loader makes of a picture; `corners` is resized where the network runs. */
export function shapeOf({ resize, size, before = size }: PixelInput): Shape {
  const inset = (before - size) >> 1;
  return {
    enough: before,
    cut: (image, { width, height }) => {
      if (resize === 'triangle') {
        const whole = image.resize(before, before, { fit: 'fill', kernel: 'linear' });
        return inset === 0 ? whole : whole.extract({ left: inset, top: inset, width: size, height: size });
      }
      return width > MOST || height > MOST ? image.resize(MOST, MOST, { fit: 'inside' }) : image;
    },
  };
}
