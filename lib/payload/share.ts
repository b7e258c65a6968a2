/**
 * Bytes of JSON that a step's result may have where nothing else has to stand beside it: of Step
 * Functions' 256 KiB, what names, slots and the escapes of JSON in JSON take is left free.
 */
export const fullShare = 192 * 1024;

/**
 * Bytes of JSON for what leaves a race or a deadline, which goes through a Fail's Cause: of its 32,768
 * characters, what stands around the value is left free.
 */
export const winnerShare = 30_000;
