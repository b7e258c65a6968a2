import { DefinitionInvalid } from '../../errors.ts';

/** A text is not a call of an intrinsic function that Step Functions accepts. */
export class IntrinsicInvalid extends DefinitionInvalid {
  readonly call: string;
  readonly reason: string;

  constructor(call: string, reason: string) {
    super(`The intrinsic function call '${call}' is not valid: ${reason}.`);
    this.call = call;
    this.reason = reason;
  }
}
