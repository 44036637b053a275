import { BuiltinError } from "../builtin.ts";
import { fromUtf8 } from "./binary_text.ts";
import { type DerElement, malformed, readDer, TAG } from "./der.ts";
import { bitStringOf, booleanOf, integerOf, numbersOf, smallIntegerOf, stringOf, timeOf } from "./der_value.ts";
import { parsePublicKey } from "./public_key.ts";
import { signatureAlgorithmOf } from "./signature_algorithm.ts";
import { type Extension, parseExtension, SUBJECT_ALTERNATIVE_NAME } from "./x509_extensions.ts";
import { noNames, parseGeneralNames } from "./x509_general_names.ts";
import { extensionsJson, namesJson, orNull } from "./x509_json.ts";
import { parseName } from "./x509_name.ts";

const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

/** `x509.CertificateRequest` of Go, for a request of RFC 2986. Throws BuiltinError. */
export function certificateRequestJson(bytes: Uint8Array): Record<string, unknown> {
  const request = readDer(bytes, TAG.sequence);
  if (request.raw.length !== bytes.length) throw new BuiltinError("trailing data");
  const outer = request.children();
  const info = outer.next(TAG.sequence);
  const algorithm = outer.next(TAG.sequence);
  const signature = bitStringOf(outer.next(TAG.bitString));
  const parts = info.children();
  const version = smallIntegerOf(parts.next(TAG.integer));
  const [subject, key] = [parts.next(TAG.sequence), parts.next(TAG.sequence)];
  const attributes = [...parts.next(0xa0).children().rest()];
  const publicKey = parsePublicKey(key);
  const extensions = requestedExtensions(attributes);
  const names = extensions.find(({ id }) => id === SUBJECT_ALTERNATIVE_NAME);
  return {
    Raw: request.raw,
    RawTBSCertificateRequest: info.raw,
    RawSubjectPublicKeyInfo: key.raw,
    RawSubject: subject.raw,
    Version: version,
    Signature: signature,
    SignatureAlgorithm: signatureAlgorithmOf(algorithm)?.number ?? 0,
    PublicKeyAlgorithm: publicKey?.algorithm ?? 0,
    PublicKey: publicKey?.algorithm ? publicKey.json : null,
    Subject: parseName(subject),
    Attributes: orNull(attributes.map((attribute) => ignoringErrors(() => attributeJson(attribute))).filter(isPresent)),
    Extensions: extensionsJson(extensions),
    ExtraExtensions: null,
    ...namesJson(names === undefined ? noNames() : parseGeneralNames(names.value)),
  };
}

function requestedExtensions(attributes: readonly DerElement[]): Extension[] {
  const extensions = attributes.flatMap((attribute) => {
    const list = ignoringErrors(() => extensionList(attribute));
    return list === undefined ? [] : [...list.children().rest(TAG.sequence)].map(parseExtension);
  });
  if (new Set(extensions.map(({ id }) => id)).size < extensions.length) throw malformed("extensions: a duplicate");
  return extensions;
}

/** The SEQUENCE of extensions that the attribute asks for, if it does. */
function extensionList(attribute: DerElement): DerElement | undefined {
  const parts = attribute.children();
  const id = parts.next(TAG.objectIdentifier).objectIdentifier();
  const values = parts.next(TAG.set).children();
  return id === EXTENSION_REQUEST && !values.done ? values.next() : undefined;
}

/** `pkix.AttributeTypeAndValueSET`. */
function attributeJson(attribute: DerElement): unknown {
  const parts = attribute.children();
  const type = numbersOf(parts.next(TAG.objectIdentifier).objectIdentifier());
  const lists = [...parts.next(TAG.set).children().rest(TAG.sequence)];
  return { Type: type, Value: lists.map((list) => [...list.children().rest(TAG.sequence)].map(typeAndValue)) };
}

function typeAndValue(element: DerElement): unknown {
  const parts = element.children();
  const type = numbersOf(parts.next(TAG.objectIdentifier).objectIdentifier());
  return { Type: type, Value: anyValue(parts.next()) };
}

/** What Go's encoding/asn1 makes of a value whose type nobody told. */
function anyValue(element: DerElement): unknown {
  switch (element.tag) {
    case TAG.boolean:
      return booleanOf(element);
    case TAG.integer:
      return integerOf(element);
    case TAG.bitString:
      return { Bytes: element.content.subarray(1), BitLength: 8 * (element.content.length - 1) - element.content[0] };
    case TAG.octetString:
      return element.content;
    case TAG.objectIdentifier:
      return numbersOf(element.objectIdentifier());
    case TAG.utcTime:
    case TAG.generalizedTime:
      return timeOf(element).text;
    case TAG.t61String:
      return fromUtf8(element.content);
    case TAG.printableString:
    case TAG.numericString:
    case TAG.ia5String:
    case TAG.utf8String:
    case TAG.bmpString:
      return stringOf(element);
    default:
      return null;
  }
}

/** Go skips the attributes that it cannot read. */
function ignoringErrors<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}
