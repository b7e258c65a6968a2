import type { CompiledWorkflow } from '../asl/compiled.ts';

/**
 * A workflow, and those of `all` that it starts as executions of their own, be it through another one:
 * what a stack of its own has to hold.
 */
export function withCalled(
  workflow: CompiledWorkflow,
  all: readonly CompiledWorkflow[],
): readonly CompiledWorkflow[] {
  const found = new Set([workflow]);
  // A set that grows while it is walked gives what is added too.
  for (const { resources = [] } of found) {
    const names = resources.filter((need) => need.kind === 'workflow').map((need) => need.workflow);
    for (const each of all) if (names.includes(each.name)) found.add(each);
  }
  return [...found];
}
