/** Puts a streamed reply together, so that it reads like one that came whole. */
export interface Assembly {
  /** Takes an event of the stream, and gives the text that it adds to the answer ('': none). */
  take(event: unknown): string;
  /** The reply so far, in the shape of one that was not streamed; null: nothing of it has come. */
  readonly reply: unknown;
  /** Whether the provider has said that the answer is over. */
  readonly isWhole: boolean;
}
