import { Command, InvalidArgumentError } from 'commander';
import type { ApprovalsOptions } from './command/approvals.ts';
import type { ApproveOptions } from './command/approve.ts';
import type { RunOptions } from './command/run.ts';
import type { ServeOptions } from './command/serve.ts';
import type { ShowOptions } from './command/show.ts';
import type { FollowOptions } from './follow.ts';
import type { RunNaming } from './stored-run.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/**
 * The command line. Each command is a module of its own, imported when it is called, so that `--help`
 * and `list` do not pay for what `run` needs.
 */
export async function main(args: readonly string[], terminal = processTerminal()): Promise<number> {
  let exitCode = 0;
  const program = new Command('cloudgather')
    .description('Write an async function, await a step, gather many; run it here or on AWS.')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError('(add --help for what is allowed)');
  const exit: Exit = (code) => {
    exitCode = code;
  };
  addCommands(program, terminal, exit);
  addRunCommands(program, terminal, exit);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return failure(error, terminal);
  }
}

type Exit = (code: number) => void;

function addCommands(program: Command, terminal: Terminal, exit: Exit): void {
  program
    .command('list')
    .description('list the workflows')
    .option('--json', 'print names, descriptions and input schemas as JSON')
    .action(async (options: { json?: boolean }) => {
      const { list } = await import('./command/list.ts');
      exit(await list(options, terminal));
    });
  program
    .command('run')
    .description('run a workflow, follow it and print its result')
    .argument('[workflow]', "its name, or its file's: panel or 01-panel")
    .argument('[text]', 'fills the first text field of the input')
    .option('--input <json>', "the whole input: JSON, '@file', or '-' for standard input")
    .option('--json', 'print the run as one JSON object')
    .option('--watch', 'show what the models say while they say it; with --json, an event a line')
    .option('--id <id>', 'the id of the run: the same id and input is one run')
    .option('--reuse <id>', 'take the answers of that run where model calls say reuse')
    .option('--assembly <folder>', "run a state machine of any CDK app, from 'cdk synth': cdk.out")
    .option('--machine <name>', 'with --assembly: which one')
    .option('--aws', 'run the deployed workflow instead of running it here')
    .option('--region <region>', "with --aws: the AWS region (default: the state machine's)")
    .option('--stack <name>', 'with --aws: the stack, where several are deployed')
    .option('--outputs <file>', 'with --aws: the file that cdk deploy wrote')
    .action(async (workflow: string | undefined, text: string | undefined, options: RunOptions) => {
      const { run } = await import('./command/run.ts');
      exit(await run(workflow, text, options, terminal));
    });
  program
    .command('dev')
    .description('serve the HTTP API over all workflows on 127.0.0.1')
    .option('--port <number>', 'the port; 0 takes a free one', portNumber, 3000)
    .action(async (options: { port: number }) => {
      const { dev } = await import('./command/dev.ts');
      exit(await dev(options, terminal));
    });
  program
    .command('serve')
    .description("serve AWS Step Functions' own protocol on 127.0.0.1")
    .option('--port <number>', 'the port; 0 takes a free one', portNumber, 8083)
    .option('--lambda-endpoint <url>', "a server that speaks Lambda's Invoke API")
    .option('--assembly <folder>', "serve the state machines of a synthesized CDK app: 'cdk.out'")
    .option('--store <file>', 'keep machines and executions in this SQLite file')
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./command/serve.ts');
      exit(await serve(options, terminal));
    });
  program
    .command('check')
    .description('find what is wrong with the workflows before anything runs')
    .argument('[workflows...]', "their names, or their files'; all of them where none is named")
    .option('--json', 'print the findings as JSON')
    .action(async (workflows: readonly string[], options: { json?: boolean }) => {
      const { check } = await import('./command/check.ts');
      exit(await check(workflows, options, terminal));
    });
  program
    .command('show-asl')
    .description("print a workflow's document, as it is run and deployed")
    .argument('<workflow>', "its name, or its file's")
    .action(async (workflow: string) => {
      const { showAsl } = await import('./command/show-asl.ts');
      exit(await showAsl(workflow, terminal));
    });
}

/** What can be done with runs that were started before, in this process or another. */
function addRunCommands(program: Command, terminal: Terminal, exit: Exit): void {
  const id = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .argument('<id>', "the id of the run, or as much of its beginning as is not another one's")
      .option('--workflow <name>', 'the workflow, where runs of two have the same id');
  program
    .command('runs')
    .description('list the runs on this machine, newest first')
    .argument('[workflow]', 'only the runs of this one')
    .option('--limit <number>', 'how many', wholeNumber, 20)
    .option('--json', 'print them as JSON')
    .action(async (workflow: string | undefined, options: { limit: number; json?: boolean }) => {
      const { runs } = await import('./command/runs.ts');
      exit(runs(workflow, options, terminal));
    });
  id('show', 'show a run: its steps, attempts, tokens, price, and its output or error')
    .option('--json', 'print the run as one JSON object, or its events as one list')
    .option('--events', 'show its events, as AWS tells them')
    .action(async (run: string, options: ShowOptions) => {
      const { show } = await import('./command/show.ts');
      exit(await show(run, options, terminal));
    });
  id('stop', 'stop a run, also one of another process').action(
    async (run: string, options: RunNaming) => {
      const { stop } = await import('./command/stop.ts');
      exit(await stop(run, options, terminal));
    },
  );
  program
    .command('approvals')
    .description('list what waits for a person: in one run, or in all on this machine')
    .argument('[id]', 'the id of the run, or its beginning')
    .option('--workflow <name>', 'only runs of this workflow')
    .option('--json', 'print them as JSON')
    .action(async (run: string | undefined, options: ApprovalsOptions) => {
      const { approvals } = await import('./command/approvals.ts');
      exit(approvals(run, options, terminal));
    });
  id('approve', 'approve what a run waits for, also one of another process')
    .option('--reject', 'reject it instead')
    .option('--comment <text>', 'what the workflow is told with the answer')
    .option('--step <name>', 'which one, where several wait')
    .option('--by <name>', 'who answers (default: your name on this machine)')
    .action(async (run: string, options: ApproveOptions) => {
      const { approve } = await import('./command/approve.ts');
      exit(await approve(run, options, terminal));
    });
  id('redrive', 'run again what failed in a failed, stopped or timed-out run, and only that')
    .option('--json', 'print the run as one JSON object')
    .action(async (run: string, options: RunNaming & FollowOptions) => {
      const { redrive } = await import('./command/redrive.ts');
      exit(await redrive(run, options, terminal));
    });
  id('resume', 'go on with a run whose process has ended; nothing that succeeded runs again')
    .option('--json', 'print the run as one JSON object')
    .action(async (run: string, options: RunNaming & FollowOptions) => {
      const { resume } = await import('./command/resume.ts');
      exit(await resume(run, options, terminal));
    });
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number from 1.');
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}

/** Wrong use, and whatever kept a run from starting, is 2; commander's own help is 0. */
function failure(error: unknown, terminal: Terminal): number {
  const known = error as { name?: string; code?: string; exitCode?: number; problems?: unknown };
  if (known.name === 'CommanderError') return known.exitCode === 0 ? 0 : 2;
  terminal.err(`${describe(error)}\n`);
  return 2;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const ours = 'toJSON' in error;
  // A fault of ours, or of a workflow's module: its stack says where.
  if (!ours) return error.stack ?? String(error);
  const problems =
    'problems' in error ? (error.problems as { path: string; message: string }[]) : [];
  const lines = problems.map(({ path, message }) => `  ${path || '(the input)'}: ${message}`);
  return [error.message, ...lines].join('\n');
}
