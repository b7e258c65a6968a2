import { readChatReply } from '../model/chat-reply.ts';
import { httpErrorCause, httpErrorName } from '../model/http-errors.ts';
import type { RunStep } from './run.ts';
import { isObject } from './schema.ts';
import { parseJson, type Spend } from './spend.ts';

/** The model that an HTTP Task of the lane 'http' calls. */
export interface CalledModel {
  readonly provider: string;
  readonly model: string;
}

/**
 * The model that an HTTP Task calls, by its parameters: the name of its connection ends in
 * 'model-<provider>', on this machine and in AWS. null where it calls anything else.
 */
export function calledModel(parameters: unknown): CalledModel | null {
  const parsed = typeof parameters === 'string' ? parseJson(parameters) : undefined;
  const { Authentication, RequestBody } = isObject(parsed) ? parsed : {};
  if (!isObject(Authentication) || !isObject(RequestBody)) return null;
  const name = /:connection\/([^/]+)/.exec(String(Authentication.ConnectionArn))?.[1] ?? '';
  const provider = /(?:^|-)model-([a-z]+)$/.exec(name)?.[1];
  const { model } = RequestBody;
  return provider === undefined || typeof model !== 'string' ? null : { provider, model };
}

/** What the reply to such a call says that it used: no function has read it. */
export function spendOfReply(
  output: string | undefined,
  { provider, model }: CalledModel,
): Spend | null {
  const result = parseJson(output);
  const reply = isObject(result) ? readChatReply(result.ResponseBody, provider, model) : null;
  return reply?.spend ? { ...reply.spend, model: reply.model ?? model } : null;
}

/** The failure of such a call, by its name in every lane. */
export function failureOfCall(
  told: RunStep['error'],
  { provider, model }: CalledModel,
): RunStep['error'] {
  if (told === null) return null;
  const name = httpErrorName(told.name, told.cause ?? '');
  // What is no model's failure says itself what it is.
  if (name === told.name) return told;
  return { name, cause: httpErrorCause(provider, model, told.name) };
}
