import { DefinitionInvalid } from '../../errors.ts';

/** A text is not a JSONPath that Step Functions accepts. `reason` says what is wrong and where. */
export class PathInvalid extends DefinitionInvalid {
  readonly path: string;
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(`The JSONPath '${path}' is not valid: ${reason}.`);
    this.path = path;
    this.reason = reason;
  }
}
