import type { Json, JsonObject, JsonSchema } from '../json.ts';
import type { RunBudget } from './budget/budget.ts';
import type { Caller } from './caller.ts';
import type { Limits } from './limiter/limits.ts';
import type { GivenPrice } from './prices.ts';
import type { Turn } from './turn.ts';

/** What a model function receives: plain JSON, written by the compiler into the state's Arguments. */
export interface ModelRequest {
  /** The provider's own name of the model: 'gpt-5-mini'. */
  readonly model: string;
  /** The system message. */
  readonly instructions?: string;
  /** One user message; either this or `messages`. */
  readonly prompt?: string;
  /** Images and files that go with the prompt, before its text. */
  readonly attachments?: readonly Attachment[];
  /** The whole conversation; either this or `prompt`. */
  readonly messages?: readonly Message[];
  /** Functions that the model may ask to be called; it then answers with `toolCalls`. */
  readonly tools?: readonly Tool[];
  /** Default 'auto'. 'required': at least one tool is called. `{ name }`: that one is. */
  readonly toolChoice?: 'auto' | 'none' | 'required' | { readonly name: string };
  /** Structured output: the answer is parsed and checked against this schema. */
  readonly output?: { readonly name: string; readonly schema: JsonSchema };
  /**
   * How often an answer that is empty, is not JSON or breaks its schema is asked for again, with the
   * problem named, inside the same call: 0 to 5. Default 1. Each is counted in `attempts` and usage.
   */
  readonly repairs?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxOutputTokens?: number;
  readonly reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh';
  /** The provider's word for it: 'flex', 'priority', 'default'. */
  readonly serviceTier?: string;
  /** Marks the instructions as worth caching, where the provider takes such marks. */
  readonly cacheInstructions?: boolean;
  /** The account's limits for this model, in place of what the provider tells and the table guesses. */
  readonly limits?: Limits;
  /** What the call costs, in place of the price list. */
  readonly price?: GivenPrice;
  /** What the run may spend. Default: as much as it does. */
  readonly budget?: RunBudget;
  /** How the call has waited so far; see turn.ts. Default: the call does not wait, and fails at once. */
  readonly turn?: Turn;
  /** Whose call it is; the compiler writes it. Default: nobody's that could be told of the call. */
  readonly caller?: Caller;
  /** The answer of the same call of the run's lineage is taken, where there is one: see reuse.ts. */
  readonly reuse?: boolean;
  /** How large the result may be, as the document says it: see lib/payload. Default: of any size. */
  readonly payload?: { readonly share?: number; readonly keep?: readonly string[] };
  /** The call's own limit in seconds, below its function's. */
  readonly timeoutSeconds?: number;
  /** Further fields of the provider's request body, passed through as they are. */
  readonly extra?: Readonly<Record<string, Json>>;
}

export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

export interface SystemMessage {
  readonly role: 'system';
  readonly content: string;
}

export interface UserMessage {
  readonly role: 'user';
  readonly content: string | readonly ContentPart[];
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: string;
  /** As a result gave them. */
  readonly toolCalls?: readonly ToolCall[];
}

/** What a tool gave. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly toolCallId: string;
  readonly content: string;
}

export type ContentPart = TextPart | Attachment;

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  /** Marks the conversation up to here as worth caching, where the provider takes such marks. */
  readonly cache?: boolean;
}

export type Attachment = ImagePart | FilePart;

export interface ImagePart {
  readonly type: 'image';
  /** https:// or data:image/png;base64,... */
  readonly url: string;
  readonly detail?: 'low' | 'high' | 'auto';
}

export interface FilePart {
  readonly type: 'file';
  /** https:// or data:application/pdf;base64,... */
  readonly url: string;
  /** Default 'file.pdf' for data of type application/pdf, else 'file'. */
  readonly filename?: string;
}

export interface Tool {
  /** 1 to 64 letters, digits, '_' or '-'. */
  readonly name: string;
  readonly description?: string;
  /** The arguments: a JSON Schema with an object at the root. */
  readonly parameters: JsonSchema;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** Checked against the tool's parameters. */
  readonly arguments: JsonObject;
  /** What the provider wants back with the call: Gemini's thought signature. */
  readonly extra?: JsonObject;
}
