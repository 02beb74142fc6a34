//! What can go wrong with a key that somebody else keeps.

use std::borrow::Cow;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_net::ServerMessage;

use crate::reference::KeyService;

const CREDENTIALS_MISSING: Code = Code::new("kms.credentials-missing");
const DENIED: Code = Code::new("kms.denied");
const KEY_EXISTS: Code = Code::new("kms.key-exists");
const MALFORMED_ANSWER: Code = Code::new("kms.malformed-answer");
const NO_KEY: Code = Code::new("kms.no-key");
const NOT_BUILT_IN: Code = Code::new("kms.not-built-in");
const PKCS11_HELPER_FAILED: Code = Code::new("pkcs11.helper-failed");
const PKCS11_NO_KEY: Code = Code::new("pkcs11.no-key");
const PKCS11_PIN: Code = Code::new("pkcs11.pin");
const PKCS11_REFUSED: Code = Code::new("pkcs11.refused");
const REFUSED: Code = Code::new("kms.refused");
const SETTING_INVALID: Code = Code::new("kms.setting-invalid");
const UNAVAILABLE: Code = Code::new("kms.unavailable");
const UNSUPPORTED_KEY: Code = Code::new("kms.unsupported-key");
const WRONG_SIGNATURE: Code = Code::new("kms.wrong-signature");

/// All codes of this crate.
pub const CODES: &[Code] = &[
    CREDENTIALS_MISSING,
    DENIED,
    KEY_EXISTS,
    MALFORMED_ANSWER,
    NOT_BUILT_IN,
    NO_KEY,
    PKCS11_HELPER_FAILED,
    PKCS11_NO_KEY,
    PKCS11_PIN,
    PKCS11_REFUSED,
    REFUSED,
    SETTING_INVALID,
    UNAVAILABLE,
    UNSUPPORTED_KEY,
    WRONG_SIGNATURE,
];

/// Why a key that somebody else keeps cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing here says who we are.
    #[error("nothing here gives credentials for {service}: {reason}")]
    CredentialsMissing {
        /// Who keeps the key.
        service: KeyService,
        /// What was looked for, or what the vendor's crate says.
        reason: Box<str>,
    },
    /// The service knows us and does not let us do this, or does not know us.
    #[error("{service} does not let us {action} (status {status}): {message}")]
    Denied {
        /// Who keeps the key.
        service: KeyService,
        /// What we wanted.
        action: &'static str,
        /// What it answered.
        status: u16,
        /// What it says.
        message: ServerMessage,
    },
    /// The helper program for tokens is not there, or does not do what it is there for.
    #[error("the helper for PKCS#11 tokens fails: {reason}")]
    HelperFailed {
        /// What is wrong.
        reason: &'static str,
    },
    /// A file that says who we are cannot be read.
    #[error("{source}")]
    File {
        /// Why.
        #[from]
        source: sealwright_files::Error,
    },
    /// What the service gave as a public key is none that is supported.
    #[error("public key of {service}: {source}")]
    Key {
        /// Who keeps the key.
        service: KeyService,
        /// Why.
        source: sealwright_crypto::Error,
    },
    /// A key of that name is there already.
    #[error("{service} has a key {key} already")]
    KeyExists {
        /// Who keeps the key.
        service: KeyService,
        /// The key's name.
        key: Box<str>,
    },
    /// An answer that is not what the service documents.
    #[error("answer of {service} is {found}, wanted {wanted}")]
    MalformedAnswer {
        /// Who keeps the key.
        service: KeyService,
        /// What it answered.
        found: &'static str,
        /// What it should have answered.
        wanted: &'static str,
    },
    /// The exchange failed.
    #[error("{service}: {source}")]
    Net {
        /// Who keeps the key.
        service: KeyService,
        /// Why.
        source: sealwright_net::Error,
    },
    /// There is no such key.
    #[error("{service} has no key {key}: {message}")]
    NoKey {
        /// Who keeps the key.
        service: KeyService,
        /// The key's name.
        key: Box<str>,
        /// What it says.
        message: ServerMessage,
    },
    /// This build knows nothing of the service.
    #[error("this build of Sealwright does not reach {0}")]
    NotBuiltIn(KeyService),
    /// The service refused for another reason.
    #[error("{service} refuses to {action} (status {status}): {message}")]
    Refused {
        /// Who keeps the key.
        service: KeyService,
        /// What we wanted.
        action: &'static str,
        /// What it answered.
        status: u16,
        /// What it says.
        message: ServerMessage,
    },
    /// A variable, a file or a reference that cannot be used.
    #[error("{name} is {found}, wanted {wanted}")]
    SettingInvalid {
        /// Which.
        name: Box<str>,
        /// What it is.
        found: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// A PKCS#11 token, or its library, refused.
    #[error("PKCS#11: {message}")]
    TokenRefused {
        /// What stands in the way.
        fault: TokenFault,
        /// What the library or the helper says.
        message: ServerMessage,
    },
    /// The service cannot answer now, and could not until time was up.
    #[error("{service} cannot answer now (status {status}): {message}")]
    Unavailable {
        /// Who keeps the key.
        service: KeyService,
        /// What it answered last.
        status: u16,
        /// What it says.
        message: ServerMessage,
    },
    /// A key that does not sign, or not with anything that is supported, or that cannot be made.
    #[error("key of {service} is {found}, wanted {wanted}")]
    UnsupportedKey {
        /// Who keeps the key.
        service: KeyService,
        /// What it is.
        found: Box<str>,
        /// What it should be.
        wanted: &'static str,
    },
    /// What the service gave as a signature is not its key's over what it was given.
    #[error("signature of {service} does not verify with the public key it gave for {scheme}")]
    WrongSignature {
        /// Who keeps the key.
        service: KeyService,
        /// The scheme that was asked for.
        scheme: &'static str,
    },
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::CredentialsMissing { .. } => CREDENTIALS_MISSING,
            Self::Denied { .. } => DENIED,
            Self::File { source } => source.code(),
            Self::HelperFailed { .. } => PKCS11_HELPER_FAILED,
            Self::Key { source, .. } => source.code(),
            Self::KeyExists { .. } => KEY_EXISTS,
            Self::MalformedAnswer { .. } => MALFORMED_ANSWER,
            Self::Net { source, .. } => source.code(),
            Self::NoKey { .. } => NO_KEY,
            Self::NotBuiltIn(_) => NOT_BUILT_IN,
            Self::Refused { .. } => REFUSED,
            Self::SettingInvalid { .. } => SETTING_INVALID,
            Self::TokenRefused { fault, .. } => match fault {
                TokenFault::Key => PKCS11_NO_KEY,
                TokenFault::Other => PKCS11_REFUSED,
                TokenFault::Pin => PKCS11_PIN,
            },
            Self::Unavailable { .. } => UNAVAILABLE,
            Self::UnsupportedKey { .. } => UNSUPPORTED_KEY,
            Self::WrongSignature { .. } => WRONG_SIGNATURE,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::CredentialsMissing { .. }
            | Self::Denied { .. }
            | Self::TokenRefused {
                fault: TokenFault::Pin,
                ..
            } => Class::Auth,
            Self::KeyExists { .. } | Self::NotBuiltIn(_) | Self::SettingInvalid { .. } => {
                Class::Usage
            }
            Self::File { source } => source.class(),
            Self::Key { source, .. } => source.class(),
            Self::Net { source, .. } => source.class(),
            _ => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            Self::CredentialsMissing { service, .. } => match service {
                KeyService::Aws => {
                    "log in with `aws sso login` or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; \
                     AWS_REGION names the region"
                }
                KeyService::Azure => {
                    "log in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
                }
                KeyService::Google => {
                    "log in with `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS"
                }
                KeyService::Kubernetes => {
                    "set KUBECONFIG, or run it in a pod with a service account"
                }
                KeyService::Token => return None,
                KeyService::Vault => "set VAULT_ADDR, and VAULT_TOKEN or log in with `vault login`",
            },
            Self::Denied { .. } => "check which identity is used, and what it may do with the key",
            Self::File { source } => return source.help(),
            Self::HelperFailed { .. } => {
                "install sealwright-pkcs11 beside sealwright, or name it by SEALWRIGHT_PKCS11_HELPER"
            }
            Self::TokenRefused { fault, .. } => match fault {
                TokenFault::Pin => {
                    "set SEALWRIGHT_PKCS11_PIN, or run it at a terminal, which asks for the PIN; tokens \
                     lock themselves after a few wrong ones"
                }
                TokenFault::Key => {
                    "`pkcs11-tool --module PATH --list-objects` lists the keys of a token"
                }
                TokenFault::Other => "`pkcs11-tool --module PATH --list-slots` lists the tokens",
            },
            Self::Key { source, .. } => return source.help(),
            Self::KeyExists { .. } => "take another name, or use the key that is there",
            Self::Net { source, .. } => return source.help(),
            Self::NoKey { .. } => "check the name, the project or account, and the region",
            Self::NotBuiltIn(_) => {
                "use a release build, or build it with the feature kms-aws, kms-azure, kms-gcp or kms-vault"
            }
            Self::Unavailable { .. } => "try again later",
            Self::UnsupportedKey { .. } => {
                "use an asymmetric signing key, ECDSA P-256 by preference: every Sigstore client accepts it"
            }
            Self::WrongSignature { .. } => {
                "nothing was signed; somebody may stand between this machine and the service"
            }
            Self::MalformedAnswer { .. } | Self::Refused { .. } | Self::SettingInvalid { .. } => {
                return None;
            }
        }))
    }
}

/// What stands between us and a key in a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenFault {
    /// No such key, or more than one.
    Key,
    /// The library, the token, or the request.
    Other,
    /// The PIN is missing, wrong or locked.
    Pin,
}

impl TokenFault {
    pub(crate) fn of_name(name: &str) -> Self {
        match name {
            "key" => Self::Key,
            "pin" => Self::Pin,
            _ => Self::Other,
        }
    }
}
