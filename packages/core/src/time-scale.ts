// What `#time-scale` means everywhere but in tests: see docs/decisions/0033-tests-run-the-protocol-faster.md.

/** How many times faster than written the protocol's times pass. */
export const TIME_SCALE: number = 1;

/** Node options that give a child process the same scale. */
export const TIME_SCALE_ARGS: readonly string[] = [];
