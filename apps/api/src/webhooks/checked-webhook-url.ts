import { DarkroomError, hostOf, isPrivateHost } from "@darkroom/core";

/**
 * Checks the URL of an endpoint. Resolves no name: the producer does so at every delivery.
 *
 * @param allowPrivate true to allow private networks and `http://`
 * @throws DarkroomError `invalid_input`, or `address_not_allowed` for a private address
 */
export function checkedWebhookUrl(text: string, allowPrivate: boolean): string {
  const url = URL.parse(text);
  if (url === null) throw bad("is not a URL; write it like https://example.com/hooks");
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:")) throw bad("must begin with https://");
  if (url.username !== "" || url.password !== "") throw bad("must contain no user and password");
  if (url.hash !== "") throw bad("must contain no #");
  if (!allowPrivate && isPrivateHost(url)) {
    const message = `url: ${hostOf(url)} is in a private network. Use a public address.`;
    throw new DarkroomError("address_not_allowed", message, { field: "url" });
  }
  return url.href;
}

function bad(why: string): DarkroomError {
  return new DarkroomError("invalid_input", `url: ${why}.`, { field: "url" });
}
