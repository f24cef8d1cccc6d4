import OpenAI from 'openai';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { tokenBudget } from './budget.ts';
import { abandoned, declined, malformed, overBudget, translated } from './failure.ts';
import { jsonIn } from './json.ts';
import { fetchAtMost } from './limited-fetch.ts';
import { resilience } from './resilience.ts';
import type { Answer, Part, Question, Vlm } from './types.ts';

type Settings = Pick<
  Config,
  | 'VLM_BASE_URL'
  | 'VLM_MODEL'
  | 'VLM_API_KEY'
  | 'VLM_TIMEOUT_MS'
  | 'VLM_AT_ONCE'
  | 'VLM_TOKENS_PER_HOUR'
  | 'VLM_PICTURES'
  | 'VLM_PICTURE_SIDE'
>;
type Messages = OpenAI.Chat.Completions.ChatCompletionMessageParam[];

/** A key that was refused is not tried again for so long. */
const REFUSED_MS = 300_000;
/** Pixels a side of what becomes one token (Pixtral, LLaVA: 14 to 16). */
const PATCH = 16;
const CHARS_PER_TOKEN = 4;

/** Null where no endpoint is configured. Nothing is asked before somebody asks. */
export function openVlm(config: Settings, log: Log, restMs?: number): Vlm | null {
  if (config.VLM_BASE_URL === '') return null;
  const client = new OpenAI({
    baseURL: config.VLM_BASE_URL,
    apiKey: config.VLM_API_KEY || 'none',
    // Both are done here, where the deadline of the whole question is known.
    ...{ maxRetries: 0, timeout: config.VLM_TIMEOUT_MS, fetch: fetchAtMost() },
    logLevel: 'off',
  });
  const { policy, isResting } = resilience(config.VLM_AT_ONCE, restMs);
  const budget = tokenBudget(config.VLM_TOKENS_PER_HOUR);
  const outcomes = new Map<string, number>();
  let [tokens, repairs, refusedUntil, toldOfKey] = [0, 0, 0, false];
  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

  /** One request. @throws HamletError */
  async function complete(question: Question<unknown>, messages: Messages, signal: AbortSignal) {
    const settle = budget.reserve(estimateOf(question, config.VLM_PICTURE_SIDE));
    if (settle === null) throw overBudget();
    try {
      const completion = await client.chat.completions.create(
        {
          ...{ model: config.VLM_MODEL, messages, temperature: 0, max_tokens: question.longest },
          response_format: {
            type: 'json_schema',
            json_schema: {
              name: question.name,
              schema: question.schema as Record<string, unknown>,
              strict: true,
            },
          },
        },
        { signal },
      );
      const used = completion.usage?.total_tokens;
      if (used !== undefined) settle(used);
      tokens += used ?? 0;
      const message = completion.choices?.[0]?.message;
      if (message === undefined) throw malformed('it is no completion');
      if (message.refusal) throw declined();
      return { text: message.content ?? '', used: used ?? 0 };
    } catch (error) {
      const failure = question.signal?.aborted ? abandoned() : translated(error);
      if (failure.code === 'vlm-key-refused') refuse(failure);
      throw failure;
    }
  }

  /** The time begins when its turn has come. */
  function inTime(signal: AbortSignal | undefined): AbortSignal {
    const limit = AbortSignal.timeout(config.VLM_TIMEOUT_MS);
    return signal ? AbortSignal.any([signal, limit]) : limit;
  }

  function refuse(failure: Error): void {
    refusedUntil = Date.now() + REFUSED_MS;
    if (!toldOfKey) log.error({ code: 'vlm-key-refused' }, `${failure.message} Lists are served without it.`);
    toldOfKey = true;
  }

  async function askOnce(question: Question<unknown>, messages: Messages) {
    if (Date.now() < refusedUntil)
      throw translated(new OpenAI.AuthenticationError(401, undefined, '', new Headers()));
    const answer = await policy.execute(async () => {
      const done = await complete(question, messages, inTime(question.signal)).catch((error) => {
        count(error.code);
        throw error;
      });
      count('answered');
      return done;
    }, question.signal);
    [refusedUntil, toldOfKey] = [0, false];
    return answer;
  }

  async function ask<T>(question: Question<T>): Promise<Answer<T>> {
    const began = performance.now();
    const messages = messagesOf(question);
    const first = await askOnce(question, messages);
    const done = (value: T, more: number, repaired: boolean) => ({
      ...{ value, tokens: first.used + more, ms: performance.now() - began, repaired },
    });
    const read = attempt(first.text, question.read);
    if ('value' in read) return done(read.value, 0, false);
    repairs++;
    const second = await askOnce(question, [...messages, ...correction(first.text, read.problem)]);
    const again = attempt(second.text, question.read);
    if ('problem' in again) throw malformed(again.problem);
    return done(again.value, second.used, true);
  }

  return {
    model: config.VLM_MODEL,
    pictures: { most: config.VLM_PICTURES, side: config.VLM_PICTURE_SIDE },
    ask: (question) =>
      untilAborted(ask(question), question.signal).catch((error) => Promise.reject(translated(error))),
    state: () => (Date.now() < refusedUntil ? 'key-refused' : isResting() ? 'resting' : 'up'),
    counts: () => ({ outcomes, tokens, repairs }),
  };
}

function attempt<T>(text: string, read: (value: unknown) => T): { value: T } | { problem: string } {
  try {
    return { value: read(jsonIn(text)) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

const messagesOf = ({ system, parts }: Question<unknown>): Messages => [
  { role: 'system', content: system },
  { role: 'user', content: parts.map(contentOf) },
];

const contentOf = (part: Part): OpenAI.Chat.Completions.ChatCompletionContentPart =>
  'text' in part
    ? { type: 'text', text: part.text }
    : {
        type: 'image_url',
        image_url: { url: `data:${part.type};base64,${part.picture.toString('base64')}` },
      };

const correction = (answer: string, problem: string): Messages => [
  { role: 'assistant', content: answer.slice(0, 4_000) || '(nothing)' },
  {
    role: 'user',
    content: `That cannot be used: ${problem}. Answer again, with nothing but JSON of the form asked for.`,
  },
];

function estimateOf({ system, parts, longest }: Question<unknown>, side: number): number {
  const words = parts.reduce((sum, part) => sum + ('text' in part ? part.text.length : 0), system.length);
  const pictures = parts.filter((part) => 'picture' in part).length;
  return Math.ceil(words / CHARS_PER_TOKEN) + pictures * Math.ceil(side / PATCH) ** 2 + longest;
}

/** A wait before another try does not hear the signal: whoever has had enough is answered at once. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
