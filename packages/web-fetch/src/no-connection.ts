/** What Node's and undici's codes say of a connection that could not be made, as words after "it". */
const SAYS: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name cannot be resolved; check the network and its DNS",
  EAI_AGAIN: "its name cannot be resolved at present; check the network and its DNS",
  ECONNREFUSED: "it refused the connection",
  EHOSTUNREACH: "no way leads to it; check the network",
  ENETUNREACH: "no way leads to it; check the network",
  ENETDOWN: "this machine has no network",
  EADDRNOTAVAIL: "this machine has no address to connect from; check the network",
  ETIMEDOUT: "it did not take the connection in time",
  UND_ERR_CONNECT_TIMEOUT: "it did not take the connection in time",
  UND_ERR_PRX_TLS: "the proxy's TLS failed",
};

/** Node's and OpenSSL's codes for a handshake that failed or a certificate that is not accepted. */
const TLS = /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH$|EPROTO$)/;
const TLS_SAYS = "its TLS certificate or handshake is not accepted; check the machine's clock and certificates";

/** The code of what broke; "unknown" without one. Messages are left out: they may name addresses. */
export function faultCode(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return /^[\w-]{1,60}$/.test(code) ? code : "unknown";
}

/** "ENOTFOUND: its name cannot be resolved; …": why a connection could not be made. */
export function whyNoConnection(error: Error): string {
  const code = faultCode(error);
  const says = wordsOf(code);
  return says === undefined ? code : `${code}: ${says}`;
}

/** Whether an error is one of a connection that was never made, so that nothing was asked. */
export function isNoConnection(error: unknown): error is Error {
  return error instanceof Error && wordsOf(faultCode(error)) !== undefined;
}

function wordsOf(code: string): string | undefined {
  return TLS.test(code) ? TLS_SAYS : SAYS[code];
}
