import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { sidecarPython } from '../../scripts/sidecar-env.ts';
import { hamlet } from '../support/cli.ts';

t.setTimeout(1_200_000);
await sidecarPython();
const LORAS = resolve(import.meta.dirname, '../../weights/loras');
const folder = mkdtempSync(join(tmpdir(), 'hamlet-inspect-'));
t.teardown(() => rmSync(folder, { recursive: true }));

type Card = { id: string; file: string; format: string; rank: number; layers: number };
const cards = readdirSync(join(LORAS, 'cards')).map(
  (name) => JSON.parse(readFileSync(join(LORAS, 'cards', name), 'utf8')) as Card,
);

t.test('a LoRA of the zoo is what its card says', async (t) => {
  const card = cards.find(({ format }) => format === 'dora')!;
  const { code, out, said } = hamlet(folder, ['w2w', 'inspect', join(LORAS, card.file), '--json']);
  t.equal(code, 0, said);
  const told = JSON.parse(out);
  t.match(told, { format: 'dora', baseModel: 'hamlet tiny diffusion', layers: card.layers });
  t.same(told.ranks, { [card.rank]: card.layers });
  t.ok(told.energyRank1 > 0 && told.energyRank1 <= 1, 'its base model ships, so its change is known');
  t.ok(told.parameters > 1000);
});

t.test('what is no LoRA is refused with a code and a reason', async (t) => {
  writeFileSync(join(folder, 'cut.safetensors'), readFileSync(join(LORAS, cards[0]!.file)).subarray(0, 5000));
  const { code, said } = hamlet(folder, ['w2w', 'inspect', join(folder, 'cut.safetensors')]);
  t.equal(code, 1);
  t.match(said, /lora-truncated: cut\.safetensors/);
});
