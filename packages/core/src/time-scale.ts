// `#time-scale` outside of tests: see docs/decisions/0033-tests-run-the-protocol-faster.md.

/** Factor by which tests shorten the protocol's times. */
export const TIME_SCALE: number = 1;

/** Node options that give a child process the same scale. */
export const TIME_SCALE_ARGS: readonly string[] = [];
