import type { Json, JsonObject } from '../json.ts';
import type { Spend } from './spend.ts';

/** A tool call as it came: its arguments are text that may not be JSON. */
export interface RawToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly extra?: JsonObject;
}

/** How a reply with status 200 ended. */
export type Ending = 'answered' | 'truncated' | 'filtered' | 'refused' | 'overloaded' | 'failed';

/** What came back for one request, the same for both of OpenAI's protocols. */
export interface Reply {
  readonly ending: Ending;
  /** The provider's own word. */
  readonly finishReason: string;
  readonly text: string;
  readonly toolCalls: readonly RawToolCall[];
  /** As the provider names it; null where it does not. */
  readonly model: string | null;
  /** null where the reply does not say. */
  readonly spend: Spend | null;
}

/** The one writer and the one reader of a protocol. */
export interface RequestBody {
  readonly body: Readonly<Record<string, Json>>;
  /** See `WireSchema.wrapped`. */
  readonly wrapped: boolean;
}
