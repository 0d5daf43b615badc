const LINK = /https?:\/\/\S+/gi;
/** The required subject of the text. Without it, the text may be about the provider's own servers. */
const PHOTO = /(?:\b|_)(?:images?|pictures?|photos?|urls?|links?)(?:\b|_)/i;
/** Matches a response of the photo's server that the photo does not exist and never will. */
const GONE = /\b(?:http|status)(?: code)? (?:404|410)\b|\bnot found\b/i;
const UNREACHED: readonly RegExp[] = [
  /\b(?:could not|couldn't|cannot|can't|unable to|fail(?:ed|ure)(?: to)?|error)\b[^.:]{0,40}\b(?:reach|fetch|download|retriev|access)(?:e|ed|ing)?\b/i,
  /\b(?:unreachable|inaccessible|not (?:reachable|accessible))\b/i,
  /\bconnection (?:was |is )?(?:refused|reset|closed|lost|timed[ -]?out)\b|\beconn(?:refused|reset|aborted)\b|\betimedout\b/i,
  /\b(?:http|status)(?: code)? (?:401|403|408|425|429|5\d\d)\b/i,
];

/**
 * True if a provider reports that it could not fetch the photo by its link. The photo itself may be valid, because its
 * server may be down or have refused the link. Ignores the text of links.
 */
export function saysLinkUnreached(words: string): boolean {
  const said = words.replaceAll(LINK, "");
  return PHOTO.test(said) && !GONE.test(said) && UNREACHED.some((pattern) => pattern.test(said));
}
