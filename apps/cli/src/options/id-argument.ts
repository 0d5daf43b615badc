/** The description of an `<id>` argument. */
export const ID_ARGUMENT = 'the batch: its id, the beginning of it, or "last"';
