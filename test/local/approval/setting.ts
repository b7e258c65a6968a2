import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { ApprovalNotice } from '../../../lib/approval/notice.ts';
import { approval, compileWorkflow, type Workflow, workflow } from '../../../lib/index.ts';
import { createLocalRunner, type LocalRunner } from '../../../lib/local/local-runner.ts';
import type { Run } from '../../../lib/run/run.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

/** Asks one person, with what the input says. */
export const asking = await workflow(
  'asking',
  {
    input: z.object({ question: z.string().default('Publish?'), details: z.string().default('') }),
  },
  async ({ question, details }) => approval({ name: 'publish', question, details, timeout: 600 }),
);

export interface Setting {
  readonly runner: LocalRunner;
  /** What was announced, in order. */
  readonly notices: readonly ApprovalNotice[];
  readonly folder: string;
  /** What functions printed. */
  readonly logs: readonly string[];
}

export function open(flow: Workflow, folder = temporaryFolder()): Setting {
  const notices: ApprovalNotice[] = [];
  const logs: string[] = [];
  const runner = createLocalRunner({
    workflows: [compileWorkflow(flow)],
    folder,
    environment: {},
    onApproval: (notice) => notices.push(notice),
    onLog: ({ text }) => logs.push(text),
  });
  onTestFinished(() => runner.close());
  return { runner, notices, folder, logs };
}

/** A run of it that waits for a person, and the link that was announced. */
export async function waiting(input: object = {}, flow: Workflow = asking) {
  const setting = open(flow);
  const { name } = flow.graph;
  const run = await setting.runner.start(name, input as never);
  await expect.poll(() => setting.notices.length, { timeout: 10_000 }).toBeGreaterThan(0);
  const waits = async () =>
    (await setting.runner.approvals(name, run.id)).some((each) => each.waits);
  await expect.poll(waits).toBe(true);
  return { ...setting, run, link: setting.notices[0]!.link };
}

export async function ended(runner: LocalRunner, { workflow: name, id }: Run): Promise<Run> {
  for await (const _ of runner.events(name, id));
  return runner.get(name, id);
}

/** Sends the form of the page. */
export function send(link: string, fields: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(link, { method: 'POST', body: new URLSearchParams(fields) });
}
