/** The `Retry-After` of the scene `too_many`, in seconds. */
export const RETRY_AFTER_S = 7;

/**
 * The behaviour of a provider during one call. Every provider's stage plays the first list, and the supported scenes of
 * the second.
 */
export const REQUIRED_SCENES = [
  /** One picture, and an orderly end. */
  "picture",
  /** The request arrives, and the connection breaks before the answer. */
  "cut",
  /** The request arrives, and no answer is sent. */
  "silence",
  "unauthorized",
  "no_balance",
  /** A rate limit with {@link RETRY_AFTER_S}. */
  "too_many",
  /** The request is rejected as malformed. */
  "malformed",
  "refused_content",
  /** The service is temporarily down. */
  "unavailable",
] as const;

export const OPTIONAL_SCENES = [
  /** The picture's URL is sent, and then the connection breaks. */
  "picture_then_cut",
  /** The picture's URL is sent, followed by silence. */
  "picture_then_silence",
  /**
   * The connection breaks, but the work continues and the result is in the provider's memory. For providers with a
   * memory.
   */
  "lost_and_remembered",
  /** An orderly end without a picture. */
  "no_picture",
  /** The agent asks a question. */
  "question",
  /** An earlier request is still running in this session. */
  "busy",
  /** The session is gone. */
  "session_lost",
  /** Two or more pictures in one call. */
  "variations",
  /** A proxy's page instead of an answer. */
  "page",
  /** An answer with unknown fields and events. */
  "strange_but_good",
] as const;

export type Scene = (typeof REQUIRED_SCENES)[number] | (typeof OPTIONAL_SCENES)[number];
