//! Flags of the commands about trust, bundles and the command line itself.

use super::Flag;
use super::list;
use super::switch;
use super::switch_on;
use super::text;

/// Of `initialize`.
pub(super) const INITIALIZE: &[Flag] = &[
    text("mirror", "the TUF repository")
        .default("https://tuf-repo-cdn.sigstore.dev")
        .native("root init --mirror"),
    text("root", "its root.json, as a file or URL")
        .narrows()
        .native("root init --root"),
    text("root-checksum", "the SHA-256 of root.json")
        .narrows()
        .native("root init --root-checksum"),
    switch("staging", "the staging instance")
        .narrows()
        .refused("name it: --mirror https://tuf-repo-cdn.sigstage.dev --root FILE"),
];

/// Of `trusted-root create`.
pub(super) const TRUSTED_ROOT: &[Flag] = &[
    list(
        "fulcio",
        "a certificate authority: url=…,certificate-chain=…",
    )
    .native("root create --fulcio"),
    list("rekor", "a log: url=…,public-key=…").native("root create --rekor"),
    list("ctfe", "a certificate log: url=…,public-key=…").native("root create --ctfe"),
    list("tsa", "a timestamp authority: url=…,certificate-chain=…").native("root create --tsa"),
    text("out", "a file to write it to").here("it is written there"),
    switch("with-default-services", "begin with the public instance")
        .here("the embedded root is the beginning"),
    switch("no-default-fulcio", "without its certificate authorities")
        .narrows()
        .here("left out"),
    switch("no-default-rekor", "without its logs")
        .narrows()
        .here("left out"),
    switch("no-default-ctfe", "without its certificate logs")
        .narrows()
        .here("left out"),
    switch("no-default-tsa", "without its timestamp authorities")
        .narrows()
        .here("left out"),
    list("certificate-chain", "certificate authorities")
        .deprecated()
        .refused(PARTS),
    list("fulcio-uri", "where they answer")
        .deprecated()
        .refused(PARTS),
    list("ctfe-key", "keys of certificate logs")
        .deprecated()
        .refused(PARTS),
    list("ctfe-start-time", "since when")
        .deprecated()
        .refused(PARTS),
    list("ctfe-end-time", "until when")
        .deprecated()
        .refused(PARTS),
    list("ctfe-url", "where they answer")
        .deprecated()
        .refused(PARTS),
    list("rekor-key", "keys of logs")
        .deprecated()
        .refused(PARTS),
    list("rekor-start-time", "since when")
        .deprecated()
        .refused(PARTS),
    list("rekor-end-time", "until when")
        .deprecated()
        .refused(PARTS),
    list("rekor-url", "where they answer")
        .deprecated()
        .refused(PARTS),
    list("timestamp-certificate-chain", "timestamp authorities")
        .deprecated()
        .refused(PARTS),
    list("timestamp-uri", "where they answer")
        .deprecated()
        .refused(PARTS),
];

const PARTS: &str = "say it in one piece: --fulcio, --rekor, --ctfe, --tsa with url=…,start-time=…";

/// Of `signing-config create`.
pub(super) const SIGNING_CONFIG: &[Flag] = &[
    list("fulcio", "a certificate authority: url=…,api-version=…")
        .native("root signing-config create --fulcio"),
    list("rekor", "a log: url=…,api-version=…").native("root signing-config create --rekor"),
    list("oidc-provider", "an issuer: url=…,api-version=…")
        .native("root signing-config create --oidc-provider"),
    list("tsa", "a timestamp authority: url=…,api-version=…")
        .native("root signing-config create --tsa"),
    text("rekor-config", "how many logs: ANY, ALL or EXACT:N")
        .native("root signing-config create --rekor-config"),
    text("tsa-config", "how many timestamp authorities")
        .native("root signing-config create --tsa-config"),
    text("base-config", "a configuration to begin with").here("the beginning"),
    text("out", "a file to write it to").here("it is written there"),
    switch("with-default-services", "begin with the public instance").here("the beginning"),
    switch("with-default-rekor-v2", "begin with its logs of version 2")
        .refused("name the log: --rekor url=…,api-version=2,…"),
    switch("no-default-fulcio", "without its certificate authorities").here("left out"),
    switch("no-default-rekor", "without its logs").here("left out"),
    switch("no-default-oidc", "without its issuers").here("left out"),
    switch("no-default-tsa", "without its timestamp authorities").here("left out"),
];

/// Of `bundle create`.
pub(super) const BUNDLE_CREATE: &[Flag] = &[
    text("artifact", "the file that was signed").native("bundle create --artifact"),
    text("attestation", "the file with the envelope").native("bundle create --attestation"),
    text("bundle", "the old bundle").native("bundle create --old-bundle"),
    text("certificate", "the certificate").native("bundle create --certificate"),
    text("key", "the public key").native("bundle create --key"),
    text("signature", "the signature").native("bundle create --signature"),
    text("rfc3161-timestamp", "the timestamp").native("bundle create --timestamp"),
    switch("ignore-tlog", "without a log entry").here("a bundle without a log entry is made"),
    text("out", "a file to write it to").native("bundle create --out"),
    text("rekor-url", "the log to ask for the entry")
        .default("https://rekor.sigstore.dev")
        .deprecated()
        .refused("give the old bundle, or --ignore-tlog"),
    switch("sk", "use the key of a hardware token").refused("give its public key with --key"),
    text("slot", "the slot of the hardware token")
        .default("signature")
        .refused("give its public key with --key"),
];

/// Of `bundle upgrade`.
pub(super) const BUNDLE_UPGRADE: &[Flag] = &[
    text("out", "a file to write it to").native("bundle upgrade --out"),
    text("rekor-url", "the log to ask for a proof of inclusion")
        .default("https://rekor.sigstore.dev")
        .refused("a bundle is upgraded from what it holds"),
];

/// Of `login`.
pub(super) const LOGIN: &[Flag] = &[
    text("username", "the user's name")
        .short('u')
        .here("is written to docker's config.json"),
    text("password", "the password; seen by everybody on the machine")
        .short('p')
        .here("is written to docker's config.json, or given to its credential helper; said once"),
    switch("password-stdin", "read the password from standard input").here("read from there"),
];

/// Of `env`.
pub(super) const ENV: &[Flag] = &[
    switch_on("show-descriptions", "say what each is for").here("each is described"),
    switch("show-sensitive-values", "show secrets").here("secrets are shown"),
];

/// Of `version`.
pub(super) const VERSION: &[Flag] = &[switch("json", "as JSON").here("as JSON")];

/// Of `generate-fig-spec`.
pub(super) const FIG: &[Flag] =
    &[switch("include-hidden", "hidden commands too").refused("use `completion`")];
