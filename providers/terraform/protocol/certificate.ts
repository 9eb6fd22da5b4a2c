// A self-signed certificate for localhost, as go-plugin's AutoMTLS exchanges them. The libraries
// that make certificates cost 100 ms and more to load, at every start of a process that Terraform
// starts four times per apply; the few DER fields needed here (RFC 5280) cost under 10 ms.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Certificate {
  /** The certificate in DER. */
  der: Buffer;
  /** The same and its private key, in PEM, for a TLS server. */
  cert: string;
  key: string;
}

const DAY_MS = 86_400_000;
// ecdsa-with-SHA256 (RFC 5758), commonName and the three extensions (RFC 5280, 4.2.1).
const OID = {
  ecdsaWithSha256: "2a8648ce3d040302",
  commonName: "550403",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
  keyUsage: "551d0f",
};

/**
 * A fresh P-256 key and its certificate for DNS:localhost, valid from yesterday for thirty days.
 */
export function selfSigned(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const body = toBeSigned(publicKey);
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, sequence(oid(OID.ecdsaWithSha256)), bitString(signature));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    der,
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

function toBeSigned(publicKey: KeyObject): Buffer {
  const name = sequence(
    set(sequence(oid(OID.commonName), element(0x0c, Buffer.from("localhost")))),
  );
  const now = Date.now();
  const validity = sequence(utcTime(now - DAY_MS), utcTime(now + 30 * DAY_MS));
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40; // Positive, and without a leading zero.
  const dnsName = element(0x82, Buffer.from("localhost"));
  const extensions = sequence(
    extension(OID.subjectAltName, sequence(dnsName)),
    extension(OID.basicConstraints, sequence(element(0x01, Buffer.from([0xff])))),
    // digitalSignature and keyCertSign: it signs the handshake and itself.
    extension(OID.keyUsage, element(0x03, Buffer.from([0x02, 0x84]))),
  );
  return sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, serial),
    sequence(oid(OID.ecdsaWithSha256)),
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    element(0xa3, extensions),
  );
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function set(...parts: Buffer[]): Buffer {
  return element(0x31, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return element(0x06, Buffer.from(hex, "hex"));
}

function bitString(bytes: Buffer): Buffer {
  return element(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), element(0x04, value));
}
