/**
 * A self-signed certificate for this machine's loopback, without openssl: X.509 v3 (RFC 5280) written out
 * in DER, its key and signature Ed25519 (RFC 8410).
 */
import { generateKeyPairSync, sign } from "node:crypto";

export interface TlsPair {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

const YEAR_MS = 365 * 24 * 3_600_000;

/** For the DNS name `localhost` and IPv4 addresses, valid from yesterday for a year. */
export function loopbackCertificate(
  now = Date.now(),
  addresses: readonly string[] = ["127.0.0.1"],
): TlsPair {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const ed25519 = sequence(oid("2b6570"));
  const name = sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from("localhost")))));
  const day = YEAR_MS / 365;
  const validity = sequence(utcTime(now - day), utcTime(now + YEAR_MS));
  // subjectAltName: a DNS name, an IP address.
  const names = sequence(
    der(0x82, Buffer.from("localhost")),
    ...addresses.map((address) => der(0x87, Buffer.from(address.split(".").map(Number)))),
  );
  const extension = sequence(oid("551d11"), der(0x04, names));
  const body = sequence(
    der(0xa0, integer(2)),
    integer(1),
    ed25519,
    name,
    validity,
    name,
    publicKey.export({ format: "der", type: "spki" }),
    der(0xa3, sequence(extension)),
  );
  const signature = der(0x03, Buffer.from([0]), sign(null, body, privateKey));
  const whole = sequence(body, ed25519, signature);
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
    key: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(0x30, ...parts);
}

/** @param hex the encoded arcs */
function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.from([value]));
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}
