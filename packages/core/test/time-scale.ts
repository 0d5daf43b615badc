// `#time-scale` in processes started with the import condition below. Only for tests: no container image contains this
// folder.

/** Factor by which the protocol's times are shortened. */
export const TIME_SCALE: number = 4;

/** Node options that give a child process the same scale. */
export const TIME_SCALE_ARGS: readonly string[] = ["--conditions=darkroom-test-time"];
