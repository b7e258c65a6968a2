/** Some text of a model's answer, told while the rest is still to come. */
export interface Piece {
  readonly run: string;
  readonly workflow: string;
  /** The state's name. */
  readonly step: string;
  /** When the state was entered: ISO 8601. */
  readonly startedAt: string;
  /** In an `each`, or any other Map, the index of the item: of the innermost; null elsewhere. */
  readonly item: number | null;
  /** Which call of the step's function it is: 1, and one more for each retry. */
  readonly attempt: number;
  /**
   * Names the answer that the text is a part of, uniquely in the run: a retry begins a new one, and so
   * does a repair within a call. The pieces of an answer, by `index`, are its text.
   */
  readonly answer: string;
  /** 0 for the first piece of an answer. */
  readonly index: number;
  readonly text: string;
}

/** Whether a message is one: a task's own code may tell anything. */
export function isPiece(message: unknown): message is Piece {
  const { run, workflow, answer, text } = (message ?? {}) as Partial<Piece>;
  return [run, workflow, answer, text].every((each) => typeof each === 'string');
}

/** Where pieces go. */
export interface PieceSink {
  /** Milliseconds between two pieces of one call: what comes in between is told together. */
  readonly pause: number;
  /** Rejects where the piece was not taken. */
  tell(piece: Piece): Promise<void> | void;
}
