import { asker } from '../lib/approval/ask.ts';

/** Asks a person: called by the state of an approval, with the token that the state waits for. */
export const handler = asker(process.env);
