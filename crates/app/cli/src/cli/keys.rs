//! Arguments of `sealwright keys …`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;
use sealwright::KeyAlgorithm;
use sealwright::KeyReference;

use crate::cli::OutputFormat;

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key and write it into files, or let a key management service or cluster keep it.
    #[command(after_help = "\
Examples:
  sealwright keys generate                       sealwright.key (encrypted) and sealwright.pub
  sealwright keys generate --out release --algorithm ed25519
  sealwright keys generate k8s://namespace/name  kept in a secret; release.pub is written with --out release
  sealwright keys generate --kms awskms:///alias/release

The passphrase is asked for at a terminal, or taken from SEALWRIGHT_KEY_PASSPHRASE,
SEALWRIGHT_KEY_PASSPHRASE_FILE or COSIGN_PASSWORD.")]
    Generate(Box<GenerateArgs>),
    /// Take a private key over from other tools: PKCS#8, PKCS#1, SEC1 (PEM or DER), or cosign's.
    #[command(after_help = "\
Examples:
  sealwright keys import openssl.pem --out release
  sealwright keys import env://OLD_KEY --type pkcs8")]
    Import(Box<ImportArgs>),
    /// Print the public half of a key.
    #[command(after_help = "\
Examples:
  sealwright keys public release.key > release.pub
  sealwright keys public awskms:///alias/release > release.pub")]
    Public {
        /// The key: a file, env://NAME, k8s://NAMESPACE/NAME, awskms://…, gcpkms://…, azurekms://…,
        /// hashivault://… or pkcs11:….
        #[arg(value_name = "KEY")]
        key: KeyReference,
    },
    /// Say what a key is, and its fingerprint. An encrypted key is opened only when the environment
    /// gives its passphrase.
    #[command(
        after_help = "Examples:\n  sealwright keys show release.key\n  sealwright keys show release.pub -o json"
    )]
    Show {
        /// The key, as for `keys public`; or a certificate.
        #[arg(value_name = "KEY")]
        key: KeyReference,
        /// Output format.
        #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
        output: OutputFormat,
    },
}

#[derive(Args, Debug)]
pub(crate) struct GenerateArgs {
    /// Who keeps the key instead of a file: k8s://NAMESPACE/NAME, or as --kms.
    #[arg(value_name = "KEY", conflicts_with = "kms")]
    pub(crate) keeper: Option<KeyReference>,

    /// A key management service that makes the key and keeps it: awskms://…, gcpkms://…,
    /// azurekms://… or hashivault://….
    #[arg(long, value_name = "KEY")]
    pub(crate) kms: Option<KeyReference>,

    /// What the key is: ecdsa-p256 (which every Sigstore client accepts), ecdsa-p384, ecdsa-p521,
    /// ed25519, rsa-2048, rsa-3072 or rsa-4096.
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(crate) algorithm: KeyAlgorithm,

    #[command(flatten)]
    pub(crate) files: KeyFilesArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    /// The private key: a file, or env://NAME.
    #[arg(value_name = "KEY")]
    pub(crate) key: KeyReference,

    #[command(flatten)]
    pub(crate) files: KeyFilesArgs,
}

#[derive(Args, Debug)]
pub(crate) struct KeyFilesArgs {
    /// Write PREFIX.key (mode 0600) and PREFIX.pub.
    #[arg(long, value_name = "PREFIX", default_value = "sealwright")]
    pub(crate) out: PathBuf,

    /// The form of the private key's file.
    #[arg(long = "type", value_enum, default_value_t, value_name = "TYPE")]
    pub(crate) file_type: KeyFileChoice,

    /// Replace what stands there.
    #[arg(long)]
    pub(crate) force: bool,

    /// Output format.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum KeyFileChoice {
    /// Encrypted as cosign does it.
    #[default]
    Cosign,
    /// PKCS#8: encrypted, or with an empty passphrase not at all.
    Pkcs8,
}
