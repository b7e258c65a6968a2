import { withAttachments } from './content.ts';
import type { Reply } from './reply.ts';
import type { Message, ModelRequest } from './request.ts';

/** More would be paid for than they are worth; each counts in `attempts`. */
export const mostRepairs = 5;

/**
 * The request that asks for the same again: the conversation so far, what the model answered, and what
 * is wrong with that. Tool calls are not repeated, because every protocol wants their results after them.
 */
export function repairRequest(request: ModelRequest, reply: Reply, problem: string): ModelRequest {
  const { prompt, attachments, messages, ...rest } = request;
  const asked: readonly Message[] = messages ?? [
    { role: 'user', content: withAttachments(prompt ?? '', attachments) },
  ];
  const said: readonly Message[] =
    reply.text.trim() === '' ? [] : [{ role: 'assistant', content: reply.text }];
  const again =
    request.output === undefined
      ? 'Answer again.'
      : 'Answer again, with one JSON value that is valid against the schema and nothing else.';
  return {
    ...rest,
    messages: [
      ...asked,
      ...said,
      { role: 'user', content: `Your answer cannot be used: it ${problem}. ${again}` },
    ],
  };
}
