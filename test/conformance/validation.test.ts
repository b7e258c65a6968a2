import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../lib/engine/definition/diagnostic.ts';
import {
  invalidDefinitionMessage,
  validateDefinition,
} from '../../lib/engine/definition/validate.ts';

interface RecordedValidation {
  readonly id: string;
  readonly api: 'CreateStateMachine' | 'ValidateStateMachineDefinition';
  readonly definition_text: string;
  readonly type?: 'STANDARD' | 'EXPRESS';
  readonly result: 'OK' | 'FAIL';
  readonly message?: string;
  readonly diagnostics?: readonly Diagnostic[];
}

const file = resolve(import.meta.dirname, '../../../shared/conformance/validation.jsonl');
const cases: readonly RecordedValidation[] = existsSync(file)
  ? readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RecordedValidation)
  : [];

if (cases.length === 0) {
  console.warn('Skipped: no recorded validations beside the project (../shared/conformance).');
}

/** A recording of CreateStateMachine does not say the type; those of this file were Express machines. */
function typeOf(recorded: RecordedValidation): 'STANDARD' | 'EXPRESS' {
  return recorded.type ?? (recorded.id.startsWith('test_sfn_api_express') ? 'EXPRESS' : 'STANDARD');
}

/**
 * The recorder's wrapping taken off: the client's lead, and for the labels the Python exception of the
 * emulator that recorded them ("Error=ValueError Args=['...'] in definition '...'"), of which only the
 * sentence in the middle can be AWS's. What the recorder masked in an ARN is masked in ours.
 */
function recordedSentence(message: string): string {
  const python = /^Error=ValueError Args=\[(['"])(.*)\1\] in definition /s.exec(message);
  return python === null
    ? message.replace(
        /^An error occurred \(InvalidDefinition\) when calling the CreateStateMachine operation: /,
        '',
      )
    : python[2]!.replace(/\\(.)/gs, '$1');
}

function ourSentence(diagnostics: readonly Diagnostic[], recorded: string): string {
  return recorded.startsWith('Invalid State Machine Definition')
    ? invalidDefinitionMessage(diagnostics).replaceAll('arn:aws:', 'arn:<partition>:')
    : diagnostics.map((diagnostic) => diagnostic.message).join();
}

describe.skipIf(cases.length === 0)('the validator, against what AWS answered', () => {
  it('has all 115 recordings', () => {
    expect(cases).toHaveLength(115);
  });

  it.each(cases.map((recorded) => [recorded.id, recorded] as const))('%s', (_id, recorded) => {
    const validation = validateDefinition(recorded.definition_text, { type: typeOf(recorded) });
    expect(validation.result).toBe(recorded.result);
    if (recorded.diagnostics !== undefined) {
      expect(validation).toEqual({
        result: recorded.result,
        diagnostics: recorded.diagnostics,
        truncated: false,
      });
    }
    if (recorded.message !== undefined) {
      const sentence = recordedSentence(recorded.message);
      expect(ourSentence(validation.diagnostics, sentence)).toBe(sentence);
    }
  });

  it('finds nothing wrong with any definition that AWS ran', () => {
    const executions = readFileSync(resolve(file, '../executions.jsonl'), 'utf8')
      .trim()
      .split('\n');
    for (const line of executions) {
      const { id, definition, workflow_type } = JSON.parse(line);
      const validation = validateDefinition(definition, { type: workflow_type });
      expect(validation.diagnostics, id).toEqual([]);
    }
  });
});
