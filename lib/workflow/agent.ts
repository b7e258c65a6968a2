import { WorkflowInvalid } from '../errors.ts';
import { BlockStep } from './block.ts';
import { eq } from './condition.ts';
import { each } from './each.ts';
import { carried, jsonata } from './jsonata.ts';
import { type Model, type ModelOptions, model } from './model.ts';
import { checkedName } from './name.ts';
import { checkOptions } from './options.ts';
import { RepeatStep } from './repeat.ts';
import type { Schema, SchemaOutput } from './schema.ts';
import type { Given } from './symbolic.ts';
import type { Tool } from './tool.ts';
import { when } from './when.ts';

export interface AgentOptions<S extends Schema | undefined = undefined>
  extends Pick<
    ModelOptions<S>,
    | 'model'
    | 'baseURL'
    | 'instructions'
    | 'output'
    | 'timeout'
    | 'temperature'
    | 'maxOutputTokens'
    | 'price'
  > {
  /** What it may call, by name: 1 to 64 letters, digits, '_' or '-'. */
  readonly tools: { readonly [name: string]: Tool };
  /** How often the model is called at most, 1 to 100. Default 10. In the last turn it has to answer. */
  readonly maxTurns?: number;
  /** The name of the model's state. Default: the model's name. */
  readonly name?: string;
}

/** Runs the agent: a lazy step. */
export type Agent<T> = (call: { readonly prompt: Given<string> }) => AgentStep<T>;

/**
 * A model that calls tools in a loop, as states: each turn is a model call; what it asks for runs at
 * once, each call in an iteration of its own; the results go back to it in the order in which it asked.
 * It ends when the model answers.
 *
 * - Result: the answer's text, or with `output` the parsed object.
 * - First failure: a tool that fails is told to the model, and so are, in the model's own function,
 *   unknown tools and arguments that break their schema. A model call that fails fails the agent.
 * - Siblings: the tools of one turn do not stop each other.
 * - Deadline: none of its own; each call has its `timeout`, and a gather around it may have one.
 * - Empty input: an agent without tools is refused: that is a `model`.
 * - Limits: `maxTurns`; 40 tools of one turn run at once. What makes the conversation longer than 256 KiB
 *   (a variable of Step Functions) goes by reference, unseen.
 *
 * Compiles to a Task for the model, a Choice, and a Map for the tools: two transitions for each turn,
 * and for each turn with tools one more, and those of the tools: each call costs a Choice (none where
 * there is one tool) and the tool's own steps.
 *
 * @throws WorkflowInvalid
 */
export function agent<S extends Schema | undefined = undefined>(
  options: AgentOptions<S>,
): Agent<S extends Schema ? SchemaOutput<S> : string> {
  const { tools, maxTurns = 10, ...rest } = checked(options);
  const definitions = Object.entries(tools).map(([name, { description, parameters }]) => ({
    name,
    description,
    parameters,
  }));
  const ask = model({ ...rest, tools: definitions } as ModelOptions<S>) as Model<unknown>;
  const label = options.name ?? options.model?.replace(/^[^:]*:/, '') ?? 'agent';
  return ({ prompt }) => new AgentStep({ ask, tools, maxTurns, prompt, label });
}

interface AgentRun {
  readonly ask: Model<unknown>;
  readonly tools: { readonly [name: string]: Tool };
  readonly maxTurns: number;
  readonly prompt: Given<string>;
  readonly label: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a conversation's parts are symbolic, and typed by no schema.
type Loose = any;

export class AgentStep<T> extends BlockStep<T> {
  protected readonly label: string;
  readonly #run: AgentRun;

  constructor(run: AgentRun) {
    super('agent');
    this.label = run.label;
    this.#run = run;
  }

  override get title(): string {
    return `agent '${this.name ?? this.label}'`;
  }

  protected override async run(): Promise<unknown> {
    const { ask, maxTurns, prompt } = this.#run;
    const name = this.name ?? this.label;
    const options = {
      start: [{ role: 'user', content: prompt }],
      most: maxTurns,
      until: (reply: Loose) => jsonata<boolean>`$count(${reply.toolCalls}) = 0`,
      name: `${name.slice(0, 70)} asks`,
    };
    const turn = (messages: Loose, turns: Loose) => {
      const toolChoice = jsonata`${turns} = ${maxTurns - 1} ? 'none' : 'auto'` as Loose;
      return ask({ messages, toolChoice }).named(name).withResponse();
    };
    const { output } = await new RepeatStep<Loose>(options, turn, (messages, reply) =>
      this.#useTools(messages, reply),
    );
    return output;
  }

  /** The conversation with what the tools gave. */
  async #useTools(messages: Loose, reply: Loose): Promise<unknown> {
    const name = `${(this.name ?? this.label).slice(0, 70)} tools`;
    const results = await each(
      reply.toolCalls as Loose,
      async (call: Loose) => {
        const given = await this.#useTool(call).catch(
          ({ error, cause }: Loose) => `${error}: ${cause}`,
        );
        return { role: 'tool', toolCallId: call.id, content: carried`$string(${given})` };
      },
      { name },
    );
    const content = carried`${reply.output} = null ? '' : $string(${reply.output})`;
    const asked = { role: 'assistant', content, toolCalls: reply.toolCalls };
    return carried`$append($append(${messages}, [${asked}]), ${results})`;
  }

  /** The model's function lets no unknown name through, so the last tool needs no condition. */
  #useTool(call: Loose): Loose {
    const [last, ...others] = Object.entries(this.#run.tools).toReversed();
    const use = (tool: Tool) => () => tool.run(call.arguments as never);
    const [name, tool] = last as readonly [string, Tool];
    const otherwise: Loose = new ToolStep(name, use(tool));
    return others.reduce<Loose>(
      (rest, [other, each]) => when(eq(call.name, other as never), use(each), rest),
      otherwise,
    );
  }
}

class ToolStep extends BlockStep<unknown> {
  protected readonly label: string;
  readonly #use: () => unknown;

  constructor(label: string, use: () => unknown) {
    super('tool');
    this.label = label;
    this.#use = use;
  }

  override get title(): string {
    return `tool '${this.label}'`;
  }

  protected override run(): unknown {
    return this.#use();
  }
}

function checked<S extends Schema | undefined>(options: AgentOptions<S>): AgentOptions<S> {
  const known = ['model', 'baseURL', 'instructions', 'output', 'timeout', 'temperature'];
  const others = ['maxOutputTokens', 'price', 'tools', 'maxTurns', 'name'];
  checkOptions(options, [...known, ...others], 'agent(...)');
  const { tools, maxTurns = 10, name } = options;
  if (name !== undefined) checkedName(name);
  const names = Object.keys(tools ?? {});
  if (names.length === 0 || names.some((each) => !/^[A-Za-z0-9_-]{1,64}$/.test(each))) {
    throw new WorkflowInvalid(
      `An agent has the tools ${JSON.stringify(names)}. Give it one at least, named by 1 to 64 letters, digits, '_' or '-': tools: { search: tool({ ... }) }; without tools, write model(...).`,
    );
  }
  if (!Number.isInteger(maxTurns) || maxTurns < 1 || maxTurns > 100) {
    throw new WorkflowInvalid(
      `An agent may take ${String(maxTurns)} turns, it says. Give maxTurns as a whole number from 1 to 100.`,
    );
  }
  return options;
}
