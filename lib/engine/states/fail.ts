import type { Json } from '../../json.ts';
import { pathScope } from '../data-flow.ts';
import { StateFailure } from '../failure.ts';
import { type Field, typedExpression } from '../field.ts';
import { compilePath } from '../jsonpath/path.ts';
import { compilePayloadTemplate } from '../jsonpath/payload-template.ts';
import type { Strand } from '../strand.ts';
import { PlainState } from './plain-state.ts';
import type { CompileContext, StateDefinition } from './state.ts';

/** Ends its branch with an error. */
export class FailState extends PlainState {
  readonly #error: Field<string> | undefined;
  readonly #cause: Field<string> | undefined;

  constructor(name: string, definition: StateDefinition, context: CompileContext) {
    super(name, definition, context);
    this.#error = compileText(definition, 'Error', context);
    this.#cause = compileText(definition, 'Cause', context);
  }

  execute(strand: Strand): void {
    const input = strand.input.value;
    strand.when(this.#error?.(strand, input), (error) =>
      strand.when(this.#cause?.(strand, input), (cause) => strand.endFailed({ error, cause })),
    );
  }
}

/** `Error`, or `ErrorPath`: a path or an intrinsic function call. In JSONata an expression. */
function compileText(
  definition: StateDefinition,
  field: 'Error' | 'Cause',
  { language }: CompileContext,
): Field<string> | undefined {
  const literal = definition[field];
  if (language === 'JSONata') {
    return literal === undefined
      ? undefined
      : typedExpression(literal, field, 'string', (value) => typeof value === 'string');
  }
  if (typeof literal === 'string') return () => literal;
  const path = definition[`${field}Path`];
  return typeof path === 'string' ? compileTextPath(`${field}Path`, path) : undefined;
}

function compileTextPath(field: string, text: string): Field<string> {
  const read = text.startsWith('States.') ? compileCall(text) : compileRead(text);
  return (strand, input) => {
    const value = read(strand, input) as Json | undefined;
    if (typeof value === 'string') return value;
    if (value === undefined) {
      throw new StateFailure(
        'States.Runtime',
        `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(input)}'`,
      );
    }
    throw new StateFailure(
      'States.Runtime',
      `The JSONPath '${text}' specified for the field '${field}' must refer to a string, but it refers to ${JSON.stringify(value)}`,
    );
  };
}

function compileRead(text: string): (strand: Strand, input: Json) => Json | undefined {
  const path = compilePath(text);
  return (strand, input) => path.read(pathScope(strand, input));
}

function compileCall(text: string): (strand: Strand, input: Json) => Json | undefined {
  const template = compilePayloadTemplate({ 'value.$': text });
  return (strand, input) => (template(pathScope(strand, input)) as { value?: Json }).value;
}
