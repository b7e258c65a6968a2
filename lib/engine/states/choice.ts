import type { Json, JsonObject } from '../../json.ts';
import { compileChoiceRule } from '../choice/rule.ts';
import { compileDataFlow, type DataFlow, jsonataScope, pathScope } from '../data-flow.ts';
import { StateFailure } from '../failure.ts';
import type { Payload } from '../payload.ts';
import type { Strand } from '../strand.ts';
import { PlainState } from './plain-state.ts';
import type { CompileContext, QueryLanguage, StateDefinition } from './state.ts';

interface Option {
  readonly next: string;
  readonly flow: DataFlow;
  applies(strand: Strand, input: Json): boolean | Promise<boolean>;
}

/** Goes where the first rule that holds points, or to the Default. */
export class ChoiceState extends PlainState {
  readonly #options: readonly Option[];
  readonly #default: string | undefined;

  constructor(name: string, definition: StateDefinition, context: CompileContext) {
    super(name, definition, context);
    const rules = definition.Choices as readonly JsonObject[];
    this.#default = definition.Default as string | undefined;
    this.#options = rules.map((rule, index) => compileOption(rule, index, definition, context));
  }

  execute(strand: Strand): void {
    const input = this.flow.input(strand);
    strand.when(this.#choose(strand, input), (option) => {
      const next = option?.next ?? this.#default;
      if (next === undefined) throw noChoiceMatched();
      const outcome = (option?.flow ?? this.flow).finish(strand, input);
      strand.when(outcome, ({ output, assigned }) => strand.exit(output, assigned, next));
    });
  }

  #choose(strand: Strand, input: Payload): Option | undefined | Promise<Option | undefined> {
    return firstThatApplies(this.#options, strand, input.value, 0);
  }

  /** The rules are asked again: a visit's own events do not say where it went. */
  nextAfter(strand: Strand): string | undefined | Promise<string | undefined> {
    const option = this.#choose(strand, this.flow.input(strand));
    const next = (option: Option | undefined): string | undefined => option?.next ?? this.#default;
    return option instanceof Promise ? option.then(next) : next(option);
  }
}

function firstThatApplies(
  options: readonly Option[],
  strand: Strand,
  input: Json,
  from: number,
): Option | undefined | Promise<Option | undefined> {
  for (let index = from; index < options.length; index++) {
    const option = options[index] as Option;
    const applies = option.applies(strand, input);
    if (applies instanceof Promise) {
      return applies.then((yes) =>
        yes ? option : firstThatApplies(options, strand, input, index + 1),
      );
    }
    if (applies) return option;
  }
  return undefined;
}

/** A rule may have an Output (JSONata) and an Assign of its own, in place of the state's. */
function compileOption(
  rule: JsonObject,
  index: number,
  definition: StateDefinition,
  context: CompileContext,
): Option {
  const location = `Choices[${index}]`;
  const { Assign, Output } = rule;
  const { Assign: _assign, Output: _output, ...rest } = definition;
  const own = {
    ...rest,
    ...(Assign !== undefined && { Assign }),
    ...(Output !== undefined && { Output }),
  };
  return {
    next: rule.Next as string,
    flow: compileDataFlow(own, context, `${location}/`),
    applies: compileRule(rule, context.language, location),
  };
}

function compileRule(
  rule: JsonObject,
  language: QueryLanguage,
  location: string,
): Option['applies'] {
  if (language === 'JSONata') {
    const holds = compileChoiceRule(rule, language, location);
    return (strand) => holds(jsonataScope(strand));
  }
  const holds = compileChoiceRule(rule, language, location);
  return (strand, input) => holds(pathScope(strand, input));
}

function noChoiceMatched(): StateFailure {
  return new StateFailure(
    'States.NoChoiceMatched',
    'Failed to transition out of the state. The state does not point to a next state.',
  );
}
