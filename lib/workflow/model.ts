import { WorkflowInvalid } from '../errors.ts';
import type { Json } from '../json.ts';
import { type Lane, lanes } from '../model/lane.ts';
import type { Limits } from '../model/limiter/limits.ts';
import type { GivenPrice } from '../model/prices.ts';
import { parseModelName, providerNamed, providers } from '../model/providers.ts';
import type { Attachment, Message, ModelRequest, Tool } from '../model/request.ts';
import type { ModelResult } from '../model/result.ts';
import { serverName } from '../model/server-name.ts';
import { CallStep, longestCallSeconds } from './call-step.ts';
import { checkedName } from './name.ts';
import { checkOptions } from './options.ts';
import { type Schema, type SchemaOutput, toJsonSchema } from './schema.ts';
import type { Given } from './symbolic.ts';

/** What a model and a call of it have in common; what a call gives wins. */
interface ModelSettings {
  /**
   * 'provider:model', such as 'openai:gpt-5-mini', 'anthropic:claude-haiku-4-5', 'ollama:llama3.2';
   * with `baseURL`, the model's bare name.
   */
  readonly model?: string;
  /** Any server that speaks OpenAI's Chat Completions: 'http://127.0.0.1:8000/v1'. */
  readonly baseURL?: string;
  /** The system message. */
  readonly instructions?: Given<string>;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly reasoningEffort?: ModelRequest['reasoningEffort'];
  readonly topP?: number;
  /** Images and files that go with the prompt: `{ type: 'image', url }`, `{ type: 'file', url }`. */
  readonly attachments?: Given<readonly Attachment[]>;
  /** Functions that the model may ask for: they come back in `toolCalls` of `.withResponse()`. */
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ModelRequest['toolChoice'];
  /** How often an answer that cannot be used is asked for again in the same call. Default 1, at most 5. */
  readonly repairs?: number;
  /** The provider's word for it: 'flex', 'priority'. Not in the lane 'batch', which is a tier of its own. */
  readonly serviceTier?: string;
  /** Marks the instructions as worth caching, where the provider takes such marks. */
  readonly cacheInstructions?: boolean;
  /**
   * The account's limits for this model: requests and tokens a minute, calls in flight. Default: what
   * the provider tells. Batches have limits of their own, which are not these.
   */
  readonly limits?: Limits;
  /** US dollars per million tokens, in place of the price list; what a batch takes off comes off this, too. */
  readonly price?: GivenPrice;
  /**
   * An identical call (provider, model, prompt or messages, parameters, schema, tools) that was answered
   * in this run, or in the run that this one was started to reuse, is not made again: its recorded
   * answer is given, marked `reused`, at no usage and no price. Default: false, each call is its own,
   * as drafts of one prompt want it. In the lane 'sync' only.
   */
  readonly reuse?: boolean;
  /** Further fields of the provider's request body, passed through as they are. */
  readonly extra?: Readonly<Record<string, Json>>;
}

export interface ModelOptions<S extends Schema | undefined = undefined> extends ModelSettings {
  /** The name of the step's state. Default: the model's name. */
  readonly name?: string;
  /** Structured output: the answer is parsed, checked against the schema, and typed. */
  readonly output?: S;
  /**
   * The call's own time limit: seconds or '5 minutes'. Default 120 seconds, at most 880; in the lane
   * 'background' an hour, at most a day; in the lane 'batch' a day, at most two, of which the last
   * quarter, and at most 880 seconds, is kept for a call in the lane 'sync'; in the lane 'http' 60
   * seconds, and no more.
   */
  readonly timeout?: number | string;
  /**
   * How the call is made; the result is the same. 'sync': a function waits for the answer. 'background':
   * the provider works on it while nothing runs here, and tells when it is done; for OpenAI, and for
   * servers behind a `baseURL` that have its Responses API. 'batch': calls of all runs go to the provider
   * together, at its price for batches, and are answered within hours; what no batch has answered by then is
   * called as in 'sync', at the usual price; for OpenAI, Groq, and servers behind a `baseURL` that take
   * batches in OpenAI's way. 'http': Step Functions itself calls the provider,
   * and no function runs; without repairs, limits, budgets, tools and attachments, and with a schema only
   * where the provider enforces it. Default 'sync'.
   */
  readonly lane?: Lane;
}

/** One call: either a prompt or a list of messages. */
export type ModelCall = ModelSettings &
  (
    | { readonly prompt: Given<string>; readonly messages?: undefined }
    | { readonly messages: Given<readonly Message[]>; readonly prompt?: undefined }
  );

/** Calls the model: a lazy step. */
export type Model<T> = (call: ModelCall) => ModelStep<T>;

/** The whole of what a model call gives, as `ModelResult`, with its output's type. */
export type ModelResponse<T> = Omit<ModelResult, 'output'> & { readonly output: T };

const settings = [
  'model',
  'baseURL',
  'instructions',
  'temperature',
  'maxOutputTokens',
  'reasoningEffort',
  'topP',
  'attachments',
  'tools',
  'toolChoice',
  'repairs',
  'serviceTier',
  'cacheInstructions',
  'limits',
  'price',
  'reuse',
  'extra',
];

/**
 * A step that calls a language model: one Lambda function per provider, any provider that speaks
 * OpenAI's protocol. The result is the answer's text, or with `output` the parsed object;
 * `.withResponse()` gives usage, price and the rest as well.
 *
 * A call that the provider refuses for now (`Model.RateLimited`, `Model.Overloaded`) waits as long as
 * the provider says, in a Wait state, and is made again, up to 50 times. One that broke
 * (`Model.Timeout`, `Model.Unavailable`) is retried twice with exponential backoff and full jitter; the
 * others fail the step at once (`Model.Rejected`, `Model.Unauthorized`, `Model.QuotaExhausted`,
 * `Model.Refused`, `Model.Truncated`, `Model.OutputInvalid`). A step's own `.retry(...)` takes the place
 * of all this.
 *
 * @throws WorkflowInvalid for an unknown provider, option or schema
 */
export function model<S extends Schema | undefined = undefined>(
  options: ModelOptions<S> = {},
): Model<S extends Schema ? SchemaOutput<S> : string> {
  checkOptions(options, [...settings, 'name', 'output', 'timeout', 'lane'], 'model(...)');
  if (options.name !== undefined) checkedName(options.name);
  if (options.model !== undefined) resolveModel(options);
  const output = options.output && {
    name: (options.name ?? 'output').replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64),
    schema: toJsonSchema(options.output, 'output', 'The output of model(...)'),
  };
  return (call) => new ModelStep(options, call, output);
}

export class ModelStep<T> extends CallStep<T> {
  constructor(
    options: ModelOptions<Schema | undefined>,
    call: ModelCall,
    output: ModelRequest['output'],
  ) {
    checkOptions(call, [...settings, 'prompt', 'messages'], 'A model call');
    if ((call.prompt === undefined) === (call.messages === undefined)) {
      throw new WorkflowInvalid(
        `A model call has ${call.prompt === undefined ? 'neither a prompt nor messages' : 'a prompt and messages'}. Give one of them: { prompt: '...' } or { messages: [...] }.`,
      );
    }
    const merged = { ...options, ...defined(call) };
    const { provider, model: name } = resolveModel(merged);
    const { lane = 'sync' } = options;
    checkLane(lane, provider, merged.baseURL);
    checkReuse(lane, merged.reuse);
    checkTier(lane, merged.serviceTier);
    super({
      what: 'model',
      label: options.name ?? name,
      target: { kind: 'model', provider, baseURL: merged.baseURL ?? null, lane },
      gives: 'output',
      payload: {
        model: name,
        instructions: merged.instructions,
        prompt: call.prompt,
        attachments: merged.attachments,
        messages: call.messages,
        tools: merged.tools,
        toolChoice: merged.toolChoice,
        output,
        repairs: merged.repairs,
        temperature: merged.temperature,
        topP: merged.topP,
        maxOutputTokens: merged.maxOutputTokens,
        reasoningEffort: merged.reasoningEffort,
        serviceTier: merged.serviceTier,
        cacheInstructions: merged.cacheInstructions,
        limits: merged.limits,
        price: merged.price,
        reuse: merged.reuse || undefined,
        extra: merged.extra,
      },
      timeout: options.timeout ?? timeLimits[lane].usual,
      longest: timeLimits[lane].longest,
    });
  }

  override get title(): string {
    return `model call '${this.name ?? this.label}'`;
  }

  /**
   * Gives the whole response instead of the answer: `{ output, usage, price, model, provider,
   * finishReason, requestId, attempts, latency }`, as `.withResponse()` of the openai package.
   */
  withResponse(): ModelStep<ModelResponse<T>> {
    this.gives = 'response';
    return this as unknown as ModelStep<ModelResponse<T>>;
  }
}

/**
 * Seconds. Lambda ends a function after 900 s, and function and state need a margin. In the background
 * a day is as long as OpenAI's slowest models take, many times over; its batches are over after one. An HTTP Task has 60 s (AWS docs:
 * "Service quotas", HTTP Task).
 */
const timeLimits: Readonly<Record<Lane, { readonly usual: number; readonly longest: number }>> = {
  sync: { usual: 120, longest: longestCallSeconds },
  background: { usual: 3_600, longest: 86_400 },
  batch: { usual: 86_400, longest: 172_800 },
  http: { usual: 60, longest: 60 },
};

/** @throws WorkflowInvalid */
function checkLane(lane: Lane, provider: string, baseURL: string | undefined): void {
  if (!lanes.includes(lane)) {
    throw new WorkflowInvalid(
      `A model has the lane ${JSON.stringify(lane)}. The lanes are: ${lanes.map((each) => `'${each}'`).join(', ')}.`,
    );
  }
  // Whoever names a server for these lanes knows what it has.
  if (baseURL !== undefined) return;
  const { title, background, batch } = providerNamed(provider);
  if (lane === 'background' && !background) {
    throw new WorkflowInvalid(
      `A model of ${title} has the lane 'background', and ${title} does not work in the background for us: that takes OpenAI's Responses API and its webhooks. ` +
        "Leave the lane out, and the call may take 880 seconds; or use a model of OpenAI's.",
    );
  }
  if (lane === 'batch' && batch === null) {
    const those = providers.filter((each) => each.batch !== null).map((each) => `'${each.name}'`);
    throw new WorkflowInvalid(
      `A model of ${title} has the lane 'batch', and ${title} takes no batches from us: that takes OpenAI's way of them (POST /files, POST /batches). ` +
        `Leave the lane out, or use a model of ${those.join(' or ')}.`,
    );
  }
}

function checkTier(lane: Lane, serviceTier: string | undefined): void {
  if (lane !== 'batch' || serviceTier === undefined) return;
  throw new WorkflowInvalid(
    `A model call has the serviceTier ${JSON.stringify(serviceTier)} and the lane 'batch', which is a tier of its own. Leave one of the two out.`,
  );
}

function checkReuse(lane: Lane, reuse: boolean | undefined): void {
  if (reuse !== undefined && typeof reuse !== 'boolean') {
    throw new WorkflowInvalid(`reuse of a model is ${JSON.stringify(reuse)}. Write true or false.`);
  }
  if (!reuse || lane === 'sync') return;
  throw new WorkflowInvalid(
    `A model call has reuse and the lane '${lane}', in which no answer is recorded. Leave one of the two out.`,
  );
}

function resolveModel(of: ModelSettings): { provider: string; model: string } {
  if (of.model === undefined) {
    throw new WorkflowInvalid(
      "A model call names no model. Give one in model({ model: 'openai:gpt-5-mini' }) or in the call itself.",
    );
  }
  if (of.baseURL === undefined) return parseModelName(of.model);
  const url = URL.canParse(of.baseURL) ? new URL(of.baseURL) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search) {
    throw new WorkflowInvalid(
      'The baseURL of a model is not a plain http or https URL. ' +
        "Write it without credentials or a query: 'http://127.0.0.1:8000/v1'.",
    );
  }
  return { provider: serverName(url), model: of.model };
}

function defined<T extends object>(call: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(call).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
