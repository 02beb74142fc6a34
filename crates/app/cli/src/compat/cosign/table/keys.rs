//! Flags of the commands about keys and hardware tokens.

use super::Flag;
use super::switch;
use super::text;

/// Of `generate-key-pair`.
pub(super) const GENERATE: &[Flag] = &[
    text("kms", "make the key in a KMS").native("keys generate --kms"),
    text(
        "output-key-prefix",
        "what the names of the files begin with",
    )
    .default("cosign")
    .native("keys generate --out"),
];

/// Of `import-key-pair`.
pub(super) const IMPORT: &[Flag] = &[
    text("key", "the private key to import")
        .short('k')
        .native("keys import FILE"),
    text(
        "output-key-prefix",
        "what the names of the files begin with",
    )
    .default("import-cosign")
    .short('o')
    .native("keys import --out"),
    switch("yes", "overwrite without asking")
        .short('y')
        .native("keys import --force"),
];

/// Of `public-key`.
pub(super) const PUBLIC: &[Flag] = &[
    text("key", "the key: a file, env://, k8s:// or a KMS").native("keys public KEY"),
    text("outfile", "a file to write it to").here("it is written there"),
    switch("sk", "use the key of a hardware token")
        .refused("name the token's key by a pkcs11: URI with --key"),
    text("slot", "the slot of the hardware token")
        .refused("name the token's key by a pkcs11: URI with --key"),
];

/// Of `piv-tool` and its commands.
pub(super) const PIV: &[Flag] = &[
    switch("no-input", "ask nothing").short('f').refused(TOKENS),
    text("slot", "the slot").refused(TOKENS),
    text("output", "the form of the result")
        .short('o')
        .refused(TOKENS),
    text("management-key", "the management key").refused(TOKENS),
    text("old-key", "the management key it has").refused(TOKENS),
    text("new-key", "the management key it gets").refused(TOKENS),
    switch("random-management-key", "make one up").refused(TOKENS),
    text("pin-policy", "when the PIN is asked for").refused(TOKENS),
    text("touch-policy", "when it must be touched").refused(TOKENS),
    text("old-pin", "the PIN it has").refused(TOKENS),
    text("new-pin", "the PIN it gets").refused(TOKENS),
    text("new-PIN", "the PIN it gets").refused(TOKENS),
    text("old-puk", "the PUK it has").refused(TOKENS),
    text("new-puk", "the PUK it gets").refused(TOKENS),
    text("puk", "the PUK").refused(TOKENS),
];

/// Of `pkcs11-tool` and its commands.
pub(super) const PKCS11: &[Flag] = &[
    switch("no-input", "ask nothing").short('f').refused(TOKENS),
    text("module-path", "the PKCS#11 module").refused(TOKENS),
    text("slot-id", "the slot").refused(TOKENS),
    text("pin", "the PIN").refused(TOKENS),
];

pub(super) const TOKENS: &str = "hardware tokens are set up with their vendor's tools (ykman, pkcs11-tool of OpenSC); their \
     keys sign here by a pkcs11: URI with --key";
