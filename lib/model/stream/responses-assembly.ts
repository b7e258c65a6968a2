import { field, textField } from '../field.ts';
import type { Assembly } from './assembly.ts';

const endings = ['response.completed', 'response.incomplete', 'response.failed'];

/** Reads the events of a streamed Response. The last of them holds the Response as a whole. */
export function responsesAssembly(): Assembly {
  let reply: unknown = null;
  return {
    take(event) {
      const type = textField(event, 'type') ?? '';
      if (endings.includes(type)) reply = field(event, 'response') ?? null;
      return type === 'response.output_text.delta' ? (textField(event, 'delta') ?? '') : '';
    },
    get reply() {
      return reply;
    },
    get isWhole() {
      return reply !== null;
    },
  };
}
