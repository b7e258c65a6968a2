import type { Json, JsonSchema } from '../json.ts';

/** What a model function receives: plain JSON, written by the compiler into the state's Arguments. */
export interface ModelRequest {
  /** The provider's own name of the model: 'gpt-5-mini'. */
  readonly model: string;
  /** The system message. */
  readonly instructions?: string;
  /** One user message; either this or `messages`. */
  readonly prompt?: string;
  /** OpenAI's message list; either this or `prompt`. */
  readonly messages?: readonly Message[];
  /** Structured output: the answer is parsed and checked against this schema. */
  readonly output?: { readonly name: string; readonly schema: JsonSchema };
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly reasoningEffort?: 'minimal' | 'low' | 'medium' | 'high';
  /** The call's own limit in seconds, below its function's. */
  readonly timeoutSeconds?: number;
  /** Further fields of the provider's request body, passed through as they are. */
  readonly extra?: Readonly<Record<string, Json>>;
}

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}
