// What `#time-scale` means in a process that was started with the import condition below. Tests alone are; no container
// image holds this folder.

/** How many times faster than written the protocol's times pass. */
export const TIME_SCALE: number = 4;

/** Node options that give a child process the same scale. */
export const TIME_SCALE_ARGS: readonly string[] = ["--conditions=darkroom-test-time"];
