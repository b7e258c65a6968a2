/** What is used of an AWS SDK v3 package: commands, error classes and the client, by name. */
export type SdkModule = Readonly<Record<string, (new (input: object) => object) | undefined>>;

/** What is used of an SDK client. */
export interface SdkClient {
  send(command: object, options: { readonly abortSignal: AbortSignal }): Promise<object>;
  destroy(): void;
  readonly middlewareStack: {
    add(middleware: Middleware, options: { step: 'deserialize'; priority: 'low' }): void;
  };
}

type Handler = (request: object) => Promise<{ response?: { headers?: Record<string, string> } }>;
type Middleware = (next: Handler) => Handler;

/** Remembers the headers of the client's last response, which the SDK does not give. */
export function captureHeaders(client: SdkClient): () => Readonly<Record<string, string>> {
  let headers: Readonly<Record<string, string>> = {};
  const middleware: Middleware = (next) => async (request) => {
    const result = await next(request);
    headers = result.response?.headers ?? {};
    return result;
  };
  client.middlewareStack.add(middleware, { step: 'deserialize', priority: 'low' });
  return () => headers;
}
