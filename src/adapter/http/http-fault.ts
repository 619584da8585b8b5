// Turns what undici, OpenSSL and the resolver say into Faults of the Http port, without the secrets a URL may carry.
import { Fault } from "../../base/fault.ts";

/** Scheme, host and path: neither user and password nor the query, which may hold a token. */
export function shownUrl(href: string): string {
  const url = URL.parse(href);
  return url === null ? "an address" : `${url.protocol}//${url.host}${url.pathname}`;
}

interface Meaning {
  readonly code: string;
  readonly state: string;
  readonly retriable: boolean;
  readonly hint?: string;
}

const meanings: Readonly<Record<string, Meaning>> = {
  UND_ERR_CONNECT_TIMEOUT: { code: "timed-out", state: "the server does not answer", retriable: true },
  ETIMEDOUT: { code: "timed-out", state: "the server does not answer", retriable: true },
  UND_ERR_HEADERS_TIMEOUT: {
    code: "timed-out",
    state: "the server took the request and says nothing",
    retriable: true,
  },
  UND_ERR_BODY_TIMEOUT: { code: "timed-out", state: "the server stopped sending", retriable: true },
  ENOTFOUND: {
    code: "unknown-host",
    state: "nobody knows the host",
    retriable: true,
    hint: "Check the name, and that the network is up.",
  },
  EAI_AGAIN: {
    code: "unknown-host",
    state: "the name service does not answer",
    retriable: true,
    hint: "Check that the network is up.",
  },
  ECONNREFUSED: {
    code: "connection-lost",
    state: "the server refuses the connection",
    retriable: true,
    hint: "No server runs at that address now: check the address in the definition, or try again later.",
  },
  ENETUNREACH: {
    code: "connection-lost",
    state: "the network is unreachable",
    retriable: true,
    hint: "Check that the network is up.",
  },
  EHOSTUNREACH: {
    code: "connection-lost",
    state: "the host is unreachable",
    retriable: true,
    hint: "Check that the network is up.",
  },
  UND_ERR_HEADERS_OVERFLOW: { code: "bad-answer", state: "its headers are too large", retriable: false },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: {
    code: "connection-lost",
    state: "fewer bytes came than announced",
    retriable: true,
  },
  UND_ERR_INVALID_ARG: { code: "refused-url", state: "the address cannot be used", retriable: false },
};

const tlsHint = "Check the machine's clock and its certificates (SSL_CERT_FILE, NODE_EXTRA_CA_CERTS for your own).";

function meaningOf(code: string, name: string, message: string): Meaning {
  const known = meanings[code];
  if (known !== undefined) return known;
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO|HOSTNAME_MISMATCH|CRL_/.test(code)) {
    return { code: "tls-failed", state: `the secure connection failed (${code})`, retriable: false, hint: tlsHint };
  }
  // llhttp: HPE_INVALID_CONSTANT and its kin, and some without a code.
  if (code.startsWith("HPE_") || name === "HTTPParserError")
    return { code: "bad-answer", state: "what it sends is no HTTP", retriable: false };
  // A proxy that refuses to tunnel is reported by message alone.
  if (/Proxy response/.test(message)) return { code: "connection-lost", state: "the proxy refuses", retriable: true };
  return { code: "connection-lost", state: `the connection was lost (${code || "closed"})`, retriable: true };
}

/** The code may be on the error, on what caused it, or on the first of several attempts. */
function codeOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 5) return "";
  if ("code" in error && typeof error.code === "string" && error.code !== "UND_ERR_SOCKET") return error.code;
  return codeOf(error instanceof AggregateError ? error.errors[0] : error.cause, depth + 1);
}

export function httpFault(href: string, error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, state, retriable, hint } =
    error instanceof Error ? meaningOf(codeOf(error), error.name, error.message) : meaningOf("", "", "");
  return new Fault(code, `Cannot fetch ${shownUrl(href)}: ${state}`, {
    retriable,
    ...(hint === undefined ? {} : { hint }),
  });
}
