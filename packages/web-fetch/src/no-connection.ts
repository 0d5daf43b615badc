/** Node's and undici's codes for a connection that could not be made, with text to follow "it". */
const SAYS: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name cannot be resolved; check the network and its DNS",
  EAI_AGAIN: "its name cannot be resolved at present; check the network and its DNS",
  ESERVFAIL: "its name cannot be resolved at present; check the network and its DNS",
  ETIMEOUT: "its name cannot be resolved at present; check the network and its DNS",
  ENODATA: "its name has no address",
  ECONNREFUSED: "it refused the connection",
  EHOSTUNREACH: "there is no route to it; check the network",
  ENETUNREACH: "there is no route to it; check the network",
  ENETDOWN: "this machine has no network",
  EADDRNOTAVAIL: "this machine has no address to connect from; check the network",
  ETIMEDOUT: "it did not accept the connection in time",
  UND_ERR_CONNECT_TIMEOUT: "it did not accept the connection in time",
  UND_ERR_PRX_TLS: "the proxy's TLS failed",
};

/** Node's and OpenSSL's codes for a failed handshake or a rejected certificate. */
const TLS = /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH$|EPROTO$)/;
const TLS_SAYS = "its TLS certificate or handshake was rejected; check the machine's clock and certificates";

/** Returns the code of the failure; "unknown" without one. Omits messages, because they may contain addresses. */
export function faultCode(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return /^[\w-]{1,60}$/.test(code) ? code : "unknown";
}

/** Explains why a connection could not be made, such as "ENOTFOUND: its name cannot be resolved; …". */
export function whyNoConnection(error: Error): string {
  const code = faultCode(error);
  const says = wordsOf(code);
  return says === undefined ? code : `${code}: ${says}`;
}

/** True if no connection was made, so that no request was sent. */
export function isNoConnection(error: unknown): error is Error {
  return error instanceof Error && wordsOf(faultCode(error)) !== undefined;
}

function wordsOf(code: string): string | undefined {
  return TLS.test(code) ? TLS_SAYS : SAYS[code];
}
