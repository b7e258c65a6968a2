import { UsageError } from '../errors.ts';
import { callModel } from '../model/call.ts';
import { connectionFrom, type Environment } from '../model/connection.ts';
import { providerNamed } from '../model/providers.ts';
import type { TestModel } from './scripted-model.ts';

/**
 * Calls the providers themselves, with the keys and base URLs of the environment: what a cassette is
 * recorded from. It costs what they charge, and takes their time, so a run with it needs `realClock`.
 * @param environment Default: process.env
 * @throws UsageError in a call, for a provider whose key is not set
 */
export function liveModel(environment: Environment = process.env): TestModel {
  return {
    async answer(request, at) {
      // A server that the workflow names by its URL is reached by NAME_BASE_URL.
      const own = environment[`${at.provider.toUpperCase().replaceAll('-', '_')}_BASE_URL`];
      const provider = providerNamed(at.provider, own);
      const connection = connectionFrom(environment, provider);
      if (connection !== null) return callModel(request, connection);
      throw new UsageError(
        `A live model needs to reach ${provider.title}. Set ${provider.keyVariables[0]}, or ${provider.baseURLVariables[0]} for a server without a key.`,
      );
    },
  };
}
