import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { CompiledWorkflow } from '../../../lib/asl/compiled.ts';
import type { JsonObject } from '../../../lib/json.ts';

const park = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: {
    FunctionName: '${Parked}',
    Payload: {
      token: '{% $states.context.Task.Token %}',
      witness: '{% $states.context.Execution.Input.witness %}',
    },
  },
  TimeoutSeconds: 600,
  End: true,
};

/** One state that hands its token out and waits for it. */
export function parked(more: JsonObject = {}): CompiledWorkflow {
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'Park',
    States: { Park: { ...park, ...more } },
  });
  const base = { kind: 'task', handler: 'handler', timeoutSeconds: 10 } as const;
  return {
    name: 'parked',
    description: null,
    definition,
    definitionHash: createHash('sha256').update(definition).digest('hex'),
    functions: [
      {
        ...base,
        placeholder: 'Parked',
        name: 'task-parked',
        entry: 'test/fixtures/functions/parked.ts',
        answersTokens: true,
      },
      {
        ...base,
        placeholder: 'CalledBack',
        name: 'task-called-back',
        entry: 'test/fixtures/functions/called-back.ts',
        answersTokens: true,
        serves: 'webhooks',
      },
    ],
    inputSchema: {},
  };
}

/** What a parked function tells: its token, and where it can be called back. */
export interface Told {
  readonly token: string;
  readonly base: string;
  readonly secret: string;
}

export interface Witness {
  readonly url: string;
  /** All that was told so far. */
  readonly told: readonly Told[];
}

export async function startWitness(): Promise<Witness> {
  const told: Told[] = [];
  const server = createServer(async (request, response) => {
    told.push((await json(request)) as Told);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, told };
}
