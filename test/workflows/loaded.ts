import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { HistoryEvent } from '../../lib/engine/history/event.ts';
import { compileWorkflow, type Run, type Workflow } from '../../lib/index.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';

/**
 * Runs an example workflow as `cloudgather run` does: real engine, real bundles in real workers, real
 * HTTP to the given providers or, without any, to the scripted stand-in (here without its latency).
 */
export async function runExample(
  workflow: Workflow,
  input: Parameters<ReturnType<typeof createLocalRunner>['start']>[1],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ run: Run; events: HistoryEvent[] }> {
  const compiled = compileWorkflow(workflow);
  const folder = mkdtempSync(path.join(tmpdir(), 'cloudgather-'));
  const workflows = [compiled];
  const runner = createLocalRunner({ workflows, environment, folder, standIn: { latency: 0 } });
  onTestFinished(async () => {
    await runner.close();
    rmSync(folder, { recursive: true });
  });
  const { id } = await runner.start(compiled.name, input);
  const events: HistoryEvent[] = [];
  for await (const event of runner.events(compiled.name, id)) events.push(event);
  return { run: await runner.get(compiled.name, id), events };
}

/** State transitions as Step Functions bills them: a state that is entered, and each retry. */
export function transitions(events: readonly HistoryEvent[]): number {
  return events.filter(({ type }) => type.endsWith('StateEntered')).length;
}
