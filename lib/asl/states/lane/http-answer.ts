import { type TokenPrice, tokenPricesOf } from '../../../model/prices.ts';
import type { Provider } from '../../../model/providers.ts';
import type { ModelRequest } from '../../../model/request.ts';
import type { Value } from '../../../workflow/graph.ts';
import { jsonataString } from '../../literal.ts';
import type { Ending } from '../../place.ts';

const reply = '$states.result.ResponseBody';

/**
 * The text of a Chat Completion. One that is cut off, refused, empty, or none at all fails the state:
 * `$error` in Output is States.QueryEvaluationError, whose cause ends with these words (http-failure.ts).
 * What counts as what is `readChatReply`'s.
 */
const text =
  `($c := ${reply}.choices[0]; $why := $c.finish_reason; $said := $c.message.content; ` +
  "$text := $type($said) = 'array' ? $join($said[type = 'text'].text) : $said; " +
  "$why in ['length', 'max_tokens', 'model_length'] ? $error('Model.Truncated') " +
  ": $why = 'content_filter' or $boolean($c.message.refusal) ? $error('Model.Refused') " +
  ": $why = 'insufficient_system_resource' ? $error('Model.Overloaded') " +
  ": $not($exists($c)) or $why = 'error' ? $error('Model.Unavailable') " +
  ": $contains($type($text) = 'string' ? $text : '', /\\S/) ? $text : $error('Model.OutputInvalid'))";

/** Tokens as `usageOf` counts them: what of the total is not input is output, reasoning included. */
const usage =
  "($count := function($n) { $type($n) = 'number' ? $n }; " +
  `$u := ${reply}.usage; $in := $count($u.prompt_tokens); $said := $count($u.completion_tokens); ` +
  '$known := $exists($in) and $exists($said); ' +
  '$out := $known ? $max([$said, $sum([$count($u.total_tokens), -$in])]) : 0; ' +
  '$cached := [$count($u.prompt_tokens_details.cached_tokens), $count($u.prompt_cache_hit_tokens), 0][0]; ' +
  '$thought := [$count($u.completion_tokens_details.reasoning_tokens), $out - $said, 0][0]; ' +
  "{ 'inputTokens': $known ? $in : 0, 'outputTokens': $out, 'totalTokens': $known ? $in + $out : 0, " +
  "'cachedInputTokens': $known ? $min([$cached, $in]) : 0, 'reasoningTokens': $known ? $min([$thought, $out]) : 0 })";

/** Providers spell the header differently, and so does Step Functions. */
const requestId =
  "($ids := $each($states.result.Headers, function($value, $name) { $lowercase($name) in ['x-request-id', 'request-id'] ? $value[0] }); " +
  '$exists($ids[0]) ? $ids[0] : null)';

/** Since the state was entered: retries and their waits are in it. */
const latency = '$millis() - $toMillis($states.context.State.EnteredTime)';

export interface HttpAnswer {
  /** The text, or the parsed object. */
  readonly output: Value;
  /** The whole `ModelResult`. */
  readonly response: Value;
  /** The ending, so that an answer which cannot be used fails the state, whatever of it is read. */
  checked(ending: Ending): Ending;
}

/** What the state gives, as JSONata over the reply. */
export function httpAnswer(
  request: Pick<ModelRequest, 'model' | 'output'>,
  provider: Provider,
  wrapped: boolean,
): HttpAnswer {
  const { model } = request;
  const parsed = `$parse(${text})${wrapped ? '.value' : ''}`;
  const output = expression(request.output === undefined ? text : parsed);
  const response: Value = {
    kind: 'object',
    entries: [
      ['object', literal('model.result')],
      ['output', output],
      ['toolCalls', { kind: 'array', items: [] }],
      ['usage', expression(usage)],
      ['price', expression(priceOf(provider, model))],
      ['model', expression(orElse(`${reply}.model`, jsonataString(model)))],
      ['provider', literal(provider.name)],
      ['finishReason', expression(orElse(`${reply}.choices[0].finish_reason`, "'unknown'"))],
      ['requestId', expression(requestId)],
      ['attempts', literal(1)],
      ['latency', expression(latency)],
    ],
  };
  return { output, response, checked: (ending) => checked(ending, output) };
}

function checked(ending: Ending, output: Value): Ending {
  if (JSON.stringify(ending).includes(JSON.stringify(text).slice(1, -1))) return ending;
  if (ending.output === null) return { ...ending, output };
  const first = output.kind === 'jsonata' ? output.texts[0] : '';
  const both: Value = {
    kind: 'jsonata',
    texts: [`($answer := ${first}; `, ')'],
    values: [ending.output],
    path: [],
  };
  return { ...ending, output: both };
}

/** `priceOf` with the list's rates of the model that is asked for; null: the list does not have it. */
function priceOf(provider: Provider, model: string): string {
  const told = `${reply}.usage.cost`;
  if (provider.name === 'openrouter') return `$exists(${told}) ? { 'usd': ${told} } : null`;
  const rates = tokenPricesOf(provider.name, model);
  if (rates.length === 0) return 'null';
  const each = rates.map(({ upTo, ...rate }) =>
    upTo === undefined ? dollars(rate) : `$u.inputTokens <= ${upTo} ? ${dollars(rate)}`,
  );
  const tier = `$tier := ${reply}.service_tier; `;
  const priority = "$tier = 'priority' or ";
  const factor = "$tier = 'flex' ? 0.5 : 1";
  const isTiered = provider.name === 'openai';
  return (
    `($u := ${usage}; ${isTiered ? tier : ''}$usd := ${each.join(' : ')}; ` +
    `${isTiered ? priority : ''}$not($exists(${reply}.usage.prompt_tokens)) ? null ` +
    `: { 'usd': $round($usd${isTiered ? ` * (${factor})` : ''} / 1000000, 10) })`
  );
}

function dollars({ input, cachedInput, output }: Omit<TokenPrice, 'upTo'>): string {
  return (
    `($u.inputTokens - $u.cachedInputTokens) * ${input} + $u.cachedInputTokens * ${cachedInput} ` +
    `+ $u.outputTokens * ${output}`
  );
}

function orElse(found: string, otherwise: string): string {
  return `$exists(${found}) ? ${found} : ${otherwise}`;
}

function expression(written: string): Value {
  return { kind: 'jsonata', texts: [written], values: [], path: [] };
}

function literal(value: string | number): Value {
  return { kind: 'literal', value };
}
