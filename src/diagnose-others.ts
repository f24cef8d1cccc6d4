import type { Config } from './config.ts';

const PATIENCE_MS = 3000;

/** Whether an api answers where this configuration would have it listen. */
export async function apiAt({ HOST, PORT }: Pick<Config, 'HOST' | 'PORT'>) {
  const host = ['0.0.0.0', '::'].includes(HOST) ? '127.0.0.1' : HOST;
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`;
  const answer = await ask(`${address}/health/ready`);
  return { address, running: 'status' in answer, ready: 'status' in answer && answer.status === 200 };
}

/** Whether the model's server answers, takes the key and has the model. */
export async function vlmAt(config: Pick<Config, 'VLM_BASE_URL' | 'VLM_API_KEY' | 'VLM_MODEL'>) {
  if (config.VLM_BASE_URL === '') return { configured: false, reachable: false };
  const headers = config.VLM_API_KEY && { authorization: `Bearer ${config.VLM_API_KEY}` };
  const answer = await ask(`${config.VLM_BASE_URL.replace(/\/$/, '')}/models`, headers || {});
  const found = { configured: true, reachable: 'status' in answer && answer.status < 500 };
  if (!('status' in answer)) return { ...found, code: 'vlm-unavailable', problem: answer.problem };
  if (answer.status === 401 || answer.status === 403)
    return { ...found, code: 'vlm-key-refused', problem: `it answers ${answer.status}` };
  if (!found.reachable) return { ...found, code: 'vlm-unavailable', problem: `it answers ${answer.status}` };
  const served = namesIn(answer.body);
  return served.length === 0 || served.includes(config.VLM_MODEL)
    ? found
    : { ...found, code: 'vlm-model-unknown', problem: `it serves ${served.slice(0, 5).join(', ')}` };
}

type Answer = { status: number; body: unknown } | { problem: string };

async function ask(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    return { problem: cause?.code ?? message };
  }
}

/** Of OpenAI's list of models; other servers have other lists or none. */
function namesIn(body: unknown): string[] {
  const { data } = (body ?? {}) as { data?: unknown };
  return Array.isArray(data) ? data.flatMap((model) => (typeof model?.id === 'string' ? model.id : [])) : [];
}
