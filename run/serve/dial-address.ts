/** Addresses as commands take them, and which of them may be spoken to in plain text. */
import { ScenarioError } from "../../shared/errors.ts";
import { isLoopback } from "../../shared/wire/loopback.ts";
import { PROTOCOL_PATH } from "../../shared/wire/protocol.ts";

export interface ListenAddress {
  /** As it stands in a URL: IPv6 in brackets. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface DialAddress {
  readonly isTls: boolean;
  /** "host:port", as it is dialled and signed. */
  readonly audience: string;
  readonly host: string;
}

/** @throws ScenarioError naming `flag` for anything but HOST:PORT */
export function listenAddress(text: string, flag = "--listen"): ListenAddress {
  const [, host = "", port = ""] = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(text) ?? [];
  if (host !== "" && Number(port) <= 65_535)
    return { host: host.toLowerCase(), port: Number(port) };
  throw fault(flag, text, "HOST:PORT, 0.0.0.0:8443 say", "Name both.");
}

/** @throws ScenarioError for anything but ws://HOST:PORT or wss://HOST:PORT */
export function dialAddress(text: string): DialAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isTls = url?.protocol === "wss:";
  const plain = url?.protocol === "ws:";
  const path = url && ["", "/", PROTOCOL_PATH].includes(url.pathname);
  const more = url && `${url.search}${url.hash}${url.username}${url.password}`;
  if (!url || !(isTls || plain) || !path || more !== "" || url.hostname === "")
    throw fault("the URL", text, "wss://HOST:PORT", "Copy the line that murmur serve printed.");
  const port = url.port === "" ? (isTls ? "443" : "80") : url.port;
  return { isTls, audience: `${url.hostname}:${port}`, host: url.hostname };
}

/**
 * @param host as it stands in a URL
 * @throws ScenarioError for plain text between machines that nobody asked for
 */
export function checkPlaintext(host: string, allowed: boolean, where: string, fix: string): void {
  if (allowed || isLoopback(host)) return;
  throw new ScenarioError({
    what: "plaintext",
    where,
    got: `plain ws:// at ${host}`,
    expected: "TLS beyond loopback: anybody on the way could read and change updates",
    fix: `${fix} --insecure-plaintext does without.`,
  });
}

function fault(where: string, got: string, expected: string, fix: string): ScenarioError {
  return new ScenarioError({ what: "address", where, got, expected, fix });
}
