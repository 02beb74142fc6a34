//! Flags of the commands that sign.

use super::Flag;
use super::list;
use super::slice;
use super::switch;
use super::switch_on;
use super::text;

/// With what, as whom, and where it is logged.
pub(super) const SIGNING: &[Flag] = &[
    text("key", "the private key: a file, env://, k8s:// or a KMS").native("sign --key"),
    switch("sk", "use the key of a hardware token")
        .refused("name the token's key by a pkcs11: URI with --key"),
    text("slot", "the slot of the hardware token")
        .refused("name the token's key by a pkcs11: URI with --key"),
    text("certificate", "a certificate of the key")
        .refused("what a key signs carries no certificate here; sign keyless for one"),
    text("certificate-chain", "the certificates above it")
        .refused("what a key signs carries no certificate here; sign keyless for one"),
    switch("yes", "ask nothing")
        .short('y')
        .here("nothing is asked; without it, what would be made public is refused"),
    text(
        "signing-config",
        "the signing configuration: which services to use",
    )
    .native("sign --signing-config"),
    switch_on(
        "use-signing-config",
        "take the services from a signing configuration",
    )
    .here("false: from --fulcio-url, --rekor-url and --timestamp-server-url"),
    text(
        "trusted-root",
        "the trusted root that what was made is verified by",
    )
    .native("sign --trusted-root"),
    switch_on("tlog-upload", "log the signature")
        .deprecated()
        .native("sign --no-tlog"),
    switch_on("new-bundle-format", "make a Sigstore bundle")
        .deprecated()
        .here("false: the forms of cosign 2, under tags and as separate files"),
    text("rekor-url", "the transparency log")
        .default("https://rekor.sigstore.dev")
        .deprecated()
        .here("this log is used, version 1"),
    text("fulcio-url", "the certificate authority")
        .default("https://fulcio.sigstore.dev")
        .deprecated()
        .here("this authority is used"),
    text("timestamp-server-url", "the timestamp authority")
        .deprecated()
        .here("this authority is used"),
    text(
        "timestamp-client-cacert",
        "whom to trust for the timestamp authority's connection",
    )
    .refused("set SSL_CERT_FILE to the file instead"),
    text(
        "timestamp-client-cert",
        "a client certificate for the timestamp authority",
    )
    .refused("timestamp authorities are asked without client certificates"),
    text("timestamp-client-key", "the key of the client certificate")
        .refused("timestamp authorities are asked without client certificates"),
    text(
        "timestamp-server-name",
        "the name the timestamp authority's certificate must have",
    )
    .refused("the certificate must have the name the authority is asked by"),
    text("identity-token", "the identity token, or a file with it")
        .native("sign --identity-token-file"),
    text("oidc-issuer", "where to log in")
        .default("https://oauth2.sigstore.dev/auth")
        .deprecated()
        .native("sign --oidc-issuer"),
    text("oidc-client-id", "as which client to log in")
        .default("sigstore")
        .native("sign --oidc-client-id"),
    text("oidc-client-secret-file", "a file with the client's secret")
        .here("is given to the issuer"),
    text(
        "oidc-redirect-url",
        "where the browser is sent after logging in",
    )
    .refused("the browser is sent back to a port of this machine that is free"),
    text("oidc-provider", "which ambient identity to use")
        .here("an ambient identity is used; which, the surroundings say"),
    switch("oidc-disable-ambient-providers", "use no ambient identity")
        .here("no ambient identity is used"),
    text(
        "fulcio-auth-flow",
        "how to log in: normal, device, token or client_credentials",
    )
    .native("sign --oidc-flow"),
    switch(
        "issue-certificate",
        "get a certificate although there is a key",
    )
    .deprecated()
    .refused("what a key signs carries no certificate here; sign keyless for one"),
    switch(
        "insecure-skip-verify",
        "do without the promise of the certificate log",
    )
    .deprecated()
    .widens()
    .accepted("what was made is verified, promise and all"),
];

/// What 1.13 had on `sign` and `attest`.
pub(super) const SIGNING_OF_VERSION_1: &[Flag] = &[
    switch("force", "ask nothing")
        .short('f')
        .until("1.13")
        .here("as --yes"),
    switch("no-tlog-upload", "log nothing")
        .until("1.13")
        .native("sign --no-tlog"),
];

/// Of `sign` and `attest`.
pub(super) const IMAGE: &[Flag] = &[switch(
    "record-creation-timestamp",
    "say in the manifest when it was made",
)
.deprecated()
.accepted("the manifest of a bundle says so as cosign's does; older forms do not")];

/// Of `sign`.
pub(super) const SIGN: &[Flag] = &[
    slice("annotations", "annotations to sign, as KEY=VALUE")
        .short('a')
        .native("sign --annotation"),
    switch("recursive", "sign every image of an index too")
        .short('r')
        .here("every image of an index is signed too"),
    text("bundle", "a file to write the bundle to").here("the bundle is written there too"),
    switch_on("upload", "store the signature with the image")
        .here("false: nothing is stored with the image"),
    text("output-signature", "a file to write the signature to")
        .deprecated()
        .native("sign --output-signature"),
    text("output-certificate", "a file to write the certificate to")
        .deprecated()
        .native("sign --output-certificate"),
    text("output-payload", "a file to write what was signed to")
        .deprecated()
        .refused("it is in the bundle: --bundle FILE"),
    text("payload", "a file with what is to be signed")
        .deprecated()
        .refused("what is signed is made here, and says what the image's digest is"),
    text("attachment", "sign an attachment: sbom")
        .deprecated()
        .here("sbom: the image under the tag of the SBOM is signed"),
    slice(
        "sign-container-identity",
        "the reference the signature names",
    )
    .deprecated()
    .refused("the signature names the reference that was given"),
];

/// Of `sign-blob`.
pub(super) const SIGN_BLOB: &[Flag] = &[
    text("bundle", "a file to write the bundle to").native("sign --bundle"),
    text("output-signature", "a file to write the signature to")
        .deprecated()
        .native("sign --output-signature"),
    text("output", "a file to write the signature to")
        .deprecated()
        .native("sign --output-signature"),
    text("output-certificate", "a file to write the certificate to")
        .deprecated()
        .native("sign --output-certificate"),
    switch_on("b64", "write the signature as Base64")
        .deprecated()
        .here("false: the bytes themselves"),
    text("rfc3161-timestamp", "a file to write the timestamp to")
        .deprecated()
        .here("the timestamp is written there"),
    text("signing-algorithm", "the algorithm of a keyless signature")
        .default("ecdsa-sha2-256-nistp256")
        .here("ecdsa-sha2-256-nistp256 alone: other keys come with --key"),
];

/// Of `attest` and `attest-blob`.
pub(super) const PREDICATE: &[Flag] = &[
    text(
        "predicate",
        "the file with the predicate; - is standard input",
    )
    .native("attest --predicate"),
    text("statement", "the file with the whole statement")
        .refused("give its predicate with --predicate and its type with --type; the subject is what is named"),
    text("type", "the type of the predicate: a short name or a URI")
        .default("custom")
        .native("attest --type"),
    text("rekor-entry-type", "the kind of log entry: dsse or intoto")
        .default("dsse")
        .deprecated()
        .here("dsse alone; intoto is refused, as its entries are for old clients"),
];

/// Of `attest`.
pub(super) const ATTEST: &[Flag] = &[
    text("bundle", "a file to write the bundle to").here("the bundle is written there too"),
    switch("replace", "take the place of attestations of the same type")
        .deprecated()
        .native("attest --replace"),
    switch("no-upload", "store nothing with the image")
        .here("the envelope goes to standard output"),
    switch("recursive", "attest every image of an index too")
        .short('r')
        .until("1.13")
        .refused("attest each image by its digest"),
];

/// Of `attest-blob`.
pub(super) const ATTEST_BLOB: &[Flag] = &[
    text("bundle", "a file to write the bundle to").native("attest --bundle"),
    text("hash", "the digest of the file, instead of the file").refused("give the file itself"),
    text("output-attestation", "a file to write the statement to")
        .deprecated()
        .here("the envelope is written there"),
    text("output-signature", "a file to write the envelope to")
        .deprecated()
        .here("the envelope is written there"),
    text("output-certificate", "a file to write the certificate to")
        .deprecated()
        .here("the certificate is written there"),
    text(
        "rfc3161-timestamp-bundle",
        "a file to write the timestamp to",
    )
    .deprecated()
    .here("the timestamp is written there"),
];

/// Of `policy init` and `policy sign`, which 1.13 had.
pub(super) const POLICY_OF_VERSION_1: &[Flag] = &[
    text("expires", "days until it expires")
        .until("1.13")
        .refused(GONE),
    text("issuer", "the issuer of the maintainers")
        .until("1.13")
        .refused(GONE),
    slice("maintainers", "who may sign")
        .short('m')
        .until("1.13")
        .refused(GONE),
    text("namespace", "the registry namespace")
        .until("1.13")
        .refused(GONE),
    list("out", "where to write it").until("1.13").refused(GONE),
    text("threshold", "how many must sign")
        .until("1.13")
        .refused(GONE),
];

const GONE: &str = "root policies in registries went with cosign 1; use a TUF repository";
