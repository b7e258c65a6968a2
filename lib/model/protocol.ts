import { isRemoteFile } from './content.ts';
import type { Provider } from './providers.ts';
import type { ContentPart, ModelRequest } from './request.ts';

/** OpenAI's two ways to ask; every other provider speaks the first. */
export type Protocol = 'chat' | 'responses';

/**
 * The Responses API where it matters: for models that nothing else serves, and for files that are only
 * an address. Chat Completions otherwise, which every server that speaks OpenAI's protocol has.
 * See docs/decisions/2026-11-22-chat-completions-first.md.
 */
export function protocolOf(request: ModelRequest, provider: Provider): Protocol {
  if (provider.responsesModels === null) return 'chat';
  if (provider.responsesModels.test(request.model)) return 'responses';
  return partsIn(request).some(isRemoteFile) ? 'responses' : 'chat';
}

/** Every part of every user message, the prompt's attachments included. */
export function partsIn({ attachments = [], messages = [] }: ModelRequest): readonly ContentPart[] {
  const inMessages = messages.flatMap((message) =>
    message.role === 'user' && typeof message.content !== 'string' ? message.content : [],
  );
  return [...attachments, ...inMessages];
}
