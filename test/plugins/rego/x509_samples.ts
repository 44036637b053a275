/** A PEM block of one line. */
export function pem(type: string, base64: string): string {
  return `-----BEGIN ${type}-----\n${base64}\n-----END ${type}-----\n`;
}

/** A root (P-256) for DNS names in example.com; valid to 2126. */
export const ROOT = pem(
  "CERTIFICATE",
  "MIIBpTCCAUqgAwIBAgIUPkpe2nhlB9bVcs7DujdMaZm+xuIwCgYIKoZIzj0EAwIw" +
    "ITEQMA4GA1UECgwHRXhhbXBsZTENMAsGA1UEAwwEcm9vdDAgFw0yNjExMjIyMjUz" +
    "MjRaGA8yMTI2MTAyOTIyNTMyNFowITEQMA4GA1UECgwHRXhhbXBsZTENMAsGA1UE" +
    "AwwEcm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABChgToyQapJlEliHGRyF" +
    "33rYB4UgQs0tb9rX8CoZEqhCNKmbooM+WQOg5mM4Tu/pTRXuo1aeDKV8UTip64hf" +
    "kgqjXjBcMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMB0GA1UdDgQW" +
    "BBQHb+kd8K29QAHRf1/uE5UVGQ3zmTAaBgNVHR4EEzARoA8wDYILZXhhbXBsZS5j" +
    "b20wCgYIKoZIzj0EAwIDSQAwRgIhAK8etLlvB9/NAiMp8fBaGe6QKmwi1RjjQGny" +
    "tB6ynXRVAiEAiy/Yl8yrhaYQoXfpSI1aN68lCgKuDlrenmoHo+B5mi8=",
);

/** Of the root, for a.example.com, 10.0.0.1 and a URI, with an Ed25519 key; for client authentication only. */
export const LEAF = pem(
  "CERTIFICATE",
  "MIIBRzCB7qADAgECAgEHMAoGCCqGSM49BAMCMCExEDAOBgNVBAoMB0V4YW1wbGUx" +
    "DTALBgNVBAMMBHJvb3QwIBcNMjYxMTIyMjI1MzI0WhgPMjEyNjEwMjkyMjUzMjRa" +
    "MA8xDTALBgNVBAMMBGxlYWYwKjAFBgMrZXADIQBZpVHVzCEUkIOGh6KCmNrCx3NM" +
    "XZERbfHqZgLg2FH1maNWMFQwPQYDVR0RBDYwNIINYS5leGFtcGxlLmNvbYcECgAA" +
    "AYYdaHR0cHM6Ly91QGV4YW1wbGUuY29tL3glMjB5P3EwEwYDVR0lBAwwCgYIKwYB" +
    "BQUHAwIwCgYIKoZIzj0EAwIDSAAwRQIhAOAfoUiFwsraYPj1f81IQWyMLHPlIc+n" +
    "iG2Y76DCJAwzAiBbzStbkmc1is8BVETu+9ReMAMjfra60aAyNShJm3K7bQ==",
);

/** Of the root, for a.example.org. */
export const OUTSIDE = pem(
  "CERTIFICATE",
  "MIIBDTCBtKADAgECAgEHMAoGCCqGSM49BAMCMCExEDAOBgNVBAoMB0V4YW1wbGUx" +
    "DTALBgNVBAMMBHJvb3QwIBcNMjYxMTIyMjI1MzI1WhgPMjEyNjEwMjkyMjUzMjVa" +
    "MA8xDTALBgNVBAMMBGxlYWYwKjAFBgMrZXADIQBZpVHVzCEUkIOGh6KCmNrCx3NM" +
    "XZERbfHqZgLg2FH1maMcMBowGAYDVR0RBBEwD4INYS5leGFtcGxlLm9yZzAKBggq" +
    "hkjOPQQDAgNIADBFAiEAypTfoWM6bUXVobazzBH+MYxmMsJTLJ0j9gYpJRiGoaYC" +
    "IFUDbl7WS/5rn45UmGfHgdu1dQmui4TtPzIMZ2nrNNVX",
);

/** For the names and the key of LEAF. */
export const REQUEST = pem(
  "CERTIFICATE REQUEST",
  "MIIBCjCBvQIBADAPMQ0wCwYDVQQDDARsZWFmMCowBQYDK2VwAyEAWaVR1cwhFJCD" +
    "hoeigpjawsdzTF2REW3x6mYC4NhR9ZmgezB5BgkqhkiG9w0BCQ4xbDBqMD0GA1Ud" +
    "EQQ2MDSCDWEuZXhhbXBsZS5jb22HBAoAAAGGHWh0dHBzOi8vdUBleGFtcGxlLmNv" +
    "bS94JTIweT9xMBMGA1UdJQQMMAoGCCsGAQUFBwMCMAkGA1UdIwQCMAAwCQYDVR0O" +
    "BAIEADAFBgMrZXADQQBmh73FevUV6d9uthOKT6oxPHfqT9qsQcWBRKwgdNacWNgN" +
    "luQfriUdcpHAQro/AQ85vgrANv3YIgN/CuOIF7YN",
);

/** Made for these tests. */
export const LEAF_KEY = pem(
  "PRIVATE KEY",
  "MC4CAQAwBQYDK2VwBCIEIA5uTmHTucTd+LVqZpVxg2vj9mgWRojamrUVtP1xEOad",
);
