import { isRemoteFile } from './content.ts';
import { ModelError } from './errors.ts';
import { schemaProblem } from './output-check.ts';
import { type Protocol, partsIn } from './protocol.ts';
import type { Provider } from './providers.ts';
import type { ModelRequest } from './request.ts';

/**
 * Refuses, before anything is paid for, what the provider would refuse or ignore in silence.
 * @throws ModelError 'Model.Rejected'
 */
export function checkFit(request: ModelRequest, provider: Provider, protocol: Protocol): void {
  const { title, name } = provider;
  const reject = (sentence: string) =>
    new ModelError('Model.Rejected', sentence, { provider: name, model: request.model });
  if (request.reasoningEffort !== undefined && !provider.reasoningEffort) {
    throw reject(
      `${title} takes no reasoning effort through its OpenAI-compatible endpoint, so the call of ${request.model} was not made. Remove reasoningEffort, or pass the provider's own field in extra.`,
    );
  }
  if (request.serviceTier !== undefined && !provider.serviceTier) {
    throw reject(
      `${title} takes no service tier through its OpenAI-compatible endpoint, so the call of ${request.model} was not made. Remove serviceTier, or pass the provider's own field in extra.`,
    );
  }
  const files = partsIn(request).filter(({ type }) => type === 'file');
  if (files.length > 0 && provider.files === 'none') {
    throw reject(
      `${title} takes no files through its OpenAI-compatible endpoint, so the call of ${request.model} was not made. Send the file's text, or its pages as images.`,
    );
  }
  if (provider.files === 'file' && protocol === 'chat' && files.some(isRemoteFile)) {
    throw reject(
      `${title} takes a file only as data, so the call of ${request.model} was not made. Write its url as data:application/pdf;base64,...`,
    );
  }
  checkSchemas(request, provider);
}

/** A schema that no validator can use would be paid for first and found out later. */
function checkSchemas(request: ModelRequest, provider: Provider): void {
  const named = [
    ...(request.output === undefined ? [] : [request.output]),
    ...(request.tools ?? []).map(({ name, parameters }) => ({ name, schema: parameters })),
  ];
  for (const { name, schema } of named) {
    try {
      schemaProblem(null, schema);
    } catch {
      throw new ModelError(
        'Model.Rejected',
        `${provider.name}:${request.model} was not called: the schema of ${name} cannot be used. Check its references ($ref) and patterns.`,
        { provider: provider.name, model: request.model },
      );
    }
  }
}
