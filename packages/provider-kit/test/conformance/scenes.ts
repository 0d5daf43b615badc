/** How long a caller is told to wait in the scene `too_many`, in seconds. */
export const RETRY_AFTER_S = 7;

/** What a provider may do at one call. Every provider's stage plays the first list, and of the second what it can. */
export const REQUIRED_SCENES = [
  /** One picture, and an orderly end. */
  "picture",
  /** The request arrives, and the connection breaks before the answer. */
  "cut",
  /** The request arrives, and nothing comes. */
  "silence",
  "unauthorized",
  "no_balance",
  /** A rate limit that names {@link RETRY_AFTER_S}. */
  "too_many",
  /** The request is called malformed. */
  "malformed",
  "refused_content",
  /** The service is down for the moment. */
  "unavailable",
] as const;

export const OPTIONAL_SCENES = [
  /** The picture's URL is told, and then the connection breaks. */
  "picture_then_cut",
  /** The picture's URL is told, and then nothing more comes. */
  "picture_then_silence",
  /** The connection breaks; the work goes on, and the provider's memory holds it. For providers that remember. */
  "lost_and_remembered",
  /** An orderly end without a picture. */
  "no_picture",
  /** The agent asks something. */
  "question",
  /** An earlier request still runs in this session. */
  "busy",
  /** The session is gone. */
  "session_lost",
  /** Two pictures or more of one call. */
  "variations",
  /** A page of a proxy in the place of an answer. */
  "page",
  /** An answer with fields, and events where there are any, that nobody has heard of. */
  "strange_but_good",
] as const;

export type Scene = (typeof REQUIRED_SCENES)[number] | (typeof OPTIONAL_SCENES)[number];
