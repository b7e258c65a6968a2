/** What an HTTP task sent and was answered, for TestState's inspection level TRACE. */
export interface HttpExchange {
  readonly request: {
    /** 'https'. */
    readonly protocol: string;
    readonly method: string;
    /** Without the query that the connection adds. */
    readonly url: string;
    /** Without those that the connection adds. */
    readonly headers: Readonly<Record<string, string>>;
    /** What the connection adds: shown on demand only. */
    readonly secrets: {
      readonly headers: Readonly<Record<string, string>>;
      readonly query: Readonly<Record<string, string>>;
    };
    readonly body: string | undefined;
  };
  /** Undefined when there was no answer. */
  readonly response:
    | {
        readonly protocol: string;
        readonly statusCode: number;
        readonly statusMessage: string;
        readonly headers: Readonly<Record<string, readonly string[]>>;
        readonly body: string;
      }
    | undefined;
}
