import { CloudgatherError } from '../errors.ts';
import { type Spend, spendSentence } from './spend.ts';

/**
 * How a model call can fail. The literal is the error's `name`: Lambda reports it as errorType, and
 * Step Functions matches `ErrorEquals` against it (AWS docs: "Error handling in Step Functions").
 */
export type ModelErrorName =
  /** 429: too many requests or tokens per minute. Has `retryAfter` where the provider said when. */
  | 'Model.RateLimited'
  /** 503, 529 and the like: the provider has no capacity now. */
  | 'Model.Overloaded'
  /** The call's own limit, the function's limit or the provider's gateway ran out of time. */
  | 'Model.Timeout'
  /** The network, a 5xx, or a reply that is not a Chat Completion. */
  | 'Model.Unavailable'
  /** The request is wrong: a field, the size, or a model that does not exist. */
  | 'Model.Rejected'
  /** The key is missing, wrong, or may not use the model. */
  | 'Model.Unauthorized'
  /** The account has no money or no quota left. */
  | 'Model.QuotaExhausted'
  /** The model or a content filter declined to answer. */
  | 'Model.Refused'
  /** The answer was cut off by the limit on output tokens or by the context window. */
  | 'Model.Truncated'
  /** The answer is empty, is not JSON, or breaks the output schema. */
  | 'Model.OutputInvalid'
  /**
   * Not a failure yet: the call has to wait for its turn, and the state machine waits and calls again.
   * Only a call with a `turn` fails so; see turn.ts.
   */
  | 'Model.Deferred'
  /**
   * No batch has answered the call in time; it was not paid for, or what it costs is settled when its
   * batch ends. The document catches it and makes the call in the lane 'sync'.
   */
  | 'Model.BatchExpired'
  /** A budget does not have what the call may cost; it was not made. See lib/model/budget. */
  | 'Budget.Exceeded'
  /** The caller stopped the call: a sibling failed, a race was won, the run was stopped. */
  | 'Model.Aborted';

export interface ModelErrorDetails {
  readonly provider: string;
  readonly model: string;
  /** The HTTP status, or null where no response came. */
  readonly status?: number | null;
  /** Whole seconds to wait before the next call, where the provider said so. */
  readonly retryAfter?: number | null;
  /** What the answered attempts of the call used; null: nothing was answered. */
  readonly spend?: Spend | null;
  /** The last attempt did not leave this machine: nobody was reached who could charge for it. */
  readonly isUnsent?: boolean;
}

/**
 * A model call that failed, by name. Its message is a full sentence that names provider, model and
 * status and says what to do; it never holds the prompt, the key, or what the provider said, because
 * providers echo both. For the same reason it has no `cause`.
 *
 * Only name and message survive a Lambda function. So the message of an error with `retryAfter` has
 * the words "Retry after N seconds", which `retryAfterPattern` finds again, and the message of one with
 * `spend` says what was spent, which `spendIn` finds again.
 */
export class ModelError extends CloudgatherError {
  declare readonly name: ModelErrorName;
  readonly provider: string;
  readonly model: string;
  readonly status: number | null;
  readonly retryAfter: number | null;
  readonly spend: Spend | null;
  readonly isUnsent: boolean;

  constructor(name: ModelErrorName, message: string, details: ModelErrorDetails) {
    super(name, message);
    this.provider = details.provider;
    this.model = details.model;
    this.status = details.status ?? null;
    this.retryAfter = details.retryAfter ?? null;
    this.spend = details.spend ?? null;
    this.isUnsent = details.isUnsent ?? false;
  }

  /** The same error, which says what was spent before it. */
  withSpend(spend: Spend): ModelError {
    return new ModelError(this.name, `${this.message} ${spendSentence(spend)}`, { ...this, spend });
  }

  override toJSON(): ModelErrorJson {
    const { name, message, provider, model, status, retryAfter, spend } = this;
    return { name, message, provider, model, status, retryAfter, spend };
  }

  static fromJSON(json: ModelErrorJson): ModelError {
    return new ModelError(json.name, json.message, json);
  }
}

export interface ModelErrorJson {
  readonly name: ModelErrorName;
  readonly message: string;
  readonly provider: string;
  readonly model: string;
  readonly status: number | null;
  readonly retryAfter: number | null;
  readonly spend?: Spend | null;
}

/** Finds the seconds in the message of an error with `retryAfter`; also valid as a JSONata regex. */
export const retryAfterPattern = /Retry after (\d+) seconds/;
