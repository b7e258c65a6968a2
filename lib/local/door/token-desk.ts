import type { Engine } from '../../engine/engine.ts';
import type { Journal } from '../store/journal.ts';

/**
 * Takes the answers to task tokens. Each promise resolves when what the answer did is on the disk:
 * whoever gave it may forget it then. Each rejects with TaskTokenRefused for a token that nobody
 * waits for.
 */
export interface TokenDesk {
  /** `output` is JSON text. */
  succeed(taskToken: string, output: string): Promise<void>;
  fail(taskToken: string, error?: string, cause?: string): Promise<void>;
  heartbeat(taskToken: string): Promise<void>;
}

export function tokenDesk(engine: Engine, journal: Journal): TokenDesk {
  const recorded = async (taskToken: string): Promise<void> => {
    // The engine gives other work its turn: the state may take the answer a little later.
    while (engine.waitsFor(taskToken)) await new Promise((resolve) => setImmediate(resolve));
    await journal.settled();
  };
  return {
    async succeed(taskToken, output) {
      engine.sendTaskSuccess(taskToken, output);
      await recorded(taskToken);
    },
    async fail(taskToken, error, cause) {
      engine.sendTaskFailure(taskToken, error, cause);
      await recorded(taskToken);
    },
    async heartbeat(taskToken) {
      engine.sendTaskHeartbeat(taskToken);
    },
  };
}
