const LINK = /https?:\/\/\S+/gi;
/** What the words must be about: without it they may be about the provider's own servers. */
const PHOTO = /(?:\b|_)(?:images?|pictures?|photos?|urls?|links?)(?:\b|_)/i;
/** An answer of the photo's server: it has no such photo, and will have none. */
const GONE = /\b(?:http|status)(?: code)? (?:404|410)\b|\bnot found\b/i;
const UNREACHED: readonly RegExp[] = [
  /\b(?:could not|couldn't|cannot|can't|unable to|fail(?:ed|ure)(?: to)?|error)\b[^.:]{0,40}\b(?:reach|fetch|download|retriev|access)(?:e|ed|ing)?\b/i,
  /\b(?:unreachable|inaccessible|not (?:reachable|accessible))\b/i,
  /\bconnection (?:was |is )?(?:refused|reset|closed|lost|timed[ -]?out)\b|\beconn(?:refused|reset|aborted)\b|\betimedout\b/i,
  /\b(?:http|status)(?: code)? (?:401|403|408|425|429|5\d\d)\b/i,
];

/**
 * Whether a provider's words say that it could not fetch the photo by the link that it was given. The photo itself may be
 * fine: the server behind the link was away, or refused the link. Links within the words do not count as words.
 */
export function saysLinkUnreached(words: string): boolean {
  const said = words.replaceAll(LINK, "");
  return PHOTO.test(said) && !GONE.test(said) && UNREACHED.some((pattern) => pattern.test(said));
}
