import type { Environment } from './aws-service.ts';

/** What a connection adds to a request. */
export interface Authorization {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Where the request goes in place of its own URL. Default: there. */
  readonly at?: string;
}

/** EventBridge connections: what authorizes HTTP tasks. */
export interface Connections {
  /** What the connection of this ARN adds; undefined when there is no such connection. */
  authorize(connectionArn: string): Promise<Authorization | undefined>;
}

/**
 * Connections from environment variables: the connection 'openai-key' of any account is
 * CLOUDGATHER_CONNECTION_OPENAI_KEY, its value one header, 'Authorization: Bearer ...'. An empty value
 * is a connection that adds nothing.
 */
export function environmentConnections(environment: Environment): Connections {
  return {
    async authorize(arn) {
      const name = /:connection\/([^/]+)/.exec(arn)?.[1] ?? '';
      const key = `CLOUDGATHER_CONNECTION_${name.replace(/[^0-9A-Za-z]/g, '_').toUpperCase()}`;
      const value = environment[key];
      if (value === undefined) return undefined;
      const [, header, text] = /^([^:]+):\s*(.*)$/s.exec(value) ?? [];
      return header === undefined ? {} : { headers: { [header]: text ?? '' } };
    },
  };
}
