import { DefinitionInvalid } from '../../errors.ts';

/** A JSONata expression cannot be parsed. `reason` is the parser's sentence, as AWS reports it. */
export class ExpressionInvalid extends DefinitionInvalid {
  readonly source: string;
  readonly reason: string;

  constructor(source: string, reason: string) {
    super(`The JSONata expression '${source}' is not valid: ${reason}.`);
    this.source = source;
    this.reason = reason;
  }
}
