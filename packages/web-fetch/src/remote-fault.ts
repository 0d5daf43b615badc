import { DarkroomError, messageOf } from "@darkroom/core";
import { parseRetryAfterMs } from "./retry-after.ts";

/** Maps a web server's status to an error about the requested photo. */
export function remoteFault(
  host: string,
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  nowMs: number,
): DarkroomError {
  const said = `HTTP ${status}`;
  switch (status) {
    case 401:
      return new DarkroomError("remote_refused", `${host} asks for a login (${said}); give a link that needs none`);
    case 403:
      return new DarkroomError(
        "remote_refused",
        `${host} refuses the photo (${said}): the link may have expired, or may not be opened from here; give a public link`,
      );
    case 404:
    case 410:
      return new DarkroomError("not_found", `${host} has no photo under this link (${said})`);
    case 408:
    case 425:
    case 429:
      return unavailable(`${host} is busy (${said})`, headers, nowMs);
    default:
      if (status >= 500) return unavailable(`${host} has an internal error (${said})`, headers, nowMs);
      if (status < 300) return unavailable(`${host} returns only part of the photo (${said})`, headers, nowMs);
      if (status < 400) return new DarkroomError("remote_refused", `${host} redirects without a target (${said})`);
      return new DarkroomError("remote_refused", `${host} does not return the photo (${said})`);
  }
}

/** The error for a web server that could not be reached, or that broke the connection. */
export function remoteUnreachable(host: string, error: unknown): DarkroomError {
  return new DarkroomError("remote_unavailable", `${host} could not be reached: ${messageOf(error)}`, {
    retryable: true,
    cause: error,
  });
}

function unavailable(
  message: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  nowMs: number,
): DarkroomError {
  const retryAfterMs = parseRetryAfterMs(headers["retry-after"], nowMs);
  return new DarkroomError("remote_unavailable", message, {
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
