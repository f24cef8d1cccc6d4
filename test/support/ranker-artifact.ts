import { join } from 'node:path';
import { writeArtifact } from '../../src/models/index.ts';
import { FLOAT, model, node, tensor, value } from '../../src/safety/pixels/onnx-writer.ts';

type Planted = {
  version?: string;
  kind?: 'image' | 'model';
  parameters?: Record<string, string>;
  off?: number;
};

/**
 * A ranker that gives each item the weighted sum of its features, as a chance. Written to `artifacts` of a home.
 * @param planted.off how far its stored answer is from what it answers
 * @returns the folder
 */
export async function writePlantedRanker(
  home: string,
  weights: Record<string, number>,
  { version = 'planted', kind = 'image', parameters = {}, off = 0 }: Planted = {},
): Promise<string> {
  const names = Object.keys(weights);
  const network = model(
    [node('MatMul', ['features', 'weights'], 'sums'), node('Sigmoid', ['sums'], 'scores')],
    [
      tensor(
        'weights',
        Object.values(weights).map((weight) => [weight]),
      ),
    ],
    [value('features', FLOAT, ['rows', names.length])],
    [value('scores', FLOAT, ['rows', 1])],
  );
  const asked = { type: 'float32', dims: [1, names.length], data: names.map(() => 0) };
  const answered = { type: 'float32', dims: [1, 1], data: [0.5 + off] };
  const answers = [{ model: 'ranker.onnx', inputs: { features: asked }, outputs: { scores: answered } }];
  const folder = join(home, 'artifacts', `ranker-${kind}-${version}`);
  await writeArtifact(
    folder,
    {
      ...{ kind: `ranker-${kind}`, version, contract: 'ranker/1', dataset: { digest: 'planted' } },
      parameters: { features: names.join(' '), ...parameters },
    },
    { 'ranker.onnx': network, 'answers.json': Buffer.from(JSON.stringify(answers)) },
  );
  return folder;
}
