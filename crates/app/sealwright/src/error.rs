//! What can go wrong in a workflow itself, by stable code.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_net::ShownUrl;

use crate::Profile;
use crate::RequiredClaim;

const ALREADY_UP: Code = Code::new("up.already-running");
const BUNDLE_NOT_UPGRADABLE: Code = Code::new("bundle.not-upgradable");
const CLAIM_MISSING: Code = Code::new("claim.missing");
const ENCODE: Code = Code::new("app.encode-failed");
const EVIDENCE_MISSING: Code = Code::new("evidence.missing");
const KEY_KEEPER: Code = Code::new("usage.key-keeper-unavailable");
const IDENTITY_REQUIRED: Code = Code::new("usage.identity-required");
const ISSUER_REQUIRED: Code = Code::new("usage.issuer-required");
const INITIAL_ROOT: Code = Code::new("usage.initial-root");
const KEPT_ROOT: Code = Code::new("trust.kept-unusable");
const UNKNOWN_PROFILE: Code = Code::new("usage.unknown-profile");
const INVALID_REGEXP: Code = Code::new("usage.invalid-regexp");
const NEW_PASSPHRASE: Code = Code::new("usage.passphrase-missing");
const ISSUER_UNUSABLE: Code = Code::new("up.issuer-unusable");
const LISTEN: Code = Code::new("up.listen-failed");
const LISTEN_NOT_LOOPBACK: Code = Code::new("usage.listen-not-loopback");
const INVALID_PREDICATE: Code = Code::new("usage.invalid-predicate");
const OLD_FORM: Code = Code::new("usage.old-form");
const ONE_FILE: Code = Code::new("usage.one-file");
const LOG_ABSENT: Code = Code::new("log.absent");
const ROOT_PART: Code = Code::new("root.part-unusable");
const NO_IMAGE: Code = Code::new("usage.no-image");
const NO_SIGNING_CONFIG: Code = Code::new("usage.no-signing-config");
const NO_TRUST: Code = Code::new("trust.no-root");
const OFFLINE: Code = Code::new("usage.offline-registry");
const OFFLINE_KEY: Code = Code::new("usage.offline-key");
const POLICY_LANGUAGE: Code = Code::new("usage.policy-language");
const POLICY_VIOLATED: Code = Code::new("policy.violated");
const POLICY_WITHOUT_CLAIM: Code = Code::new("usage.policy-without-claim");
const PROFILE_CANNOT_SIGN: Code = Code::new("usage.profile-cannot-sign");
const INVALID_URL: Code = Code::new("usage.invalid-url");
const OTHER_IDENTITY: Code = Code::new("signing.other-identity");
const SIGNING_INCOMPLETE: Code = Code::new("usage.signing-incomplete");
const REFUSED: Code = Code::new("tuf.refused");
const RUNTIME: Code = Code::new("app.runtime-failed");
const SECRET_WITHOUT_KEY: Code = Code::new("key.secret-without-key");
const LAYOUT_OCCUPIED: Code = Code::new("usage.layout-occupied");
const NO_PLATFORM: Code = Code::new("usage.no-platform");
const OTHER_SUBJECT: Code = Code::new("usage.evidence-of-another");
const WRONG_DESTINATION: Code = Code::new("usage.wrong-destination");
const SELF_CHECK: Code = Code::new("seal.self-check-failed");
const SIGNING_STUCK: Code = Code::new("seal.signing-stuck");
const TOO_MANY: Code = Code::new("evidence.too-many");
const VARIABLE_UNSET: Code = Code::new("usage.variable-unset");

/// All codes of this crate.
pub const CODES: &[Code] = &[
    ALREADY_UP,
    BUNDLE_NOT_UPGRADABLE,
    CLAIM_MISSING,
    ENCODE,
    EVIDENCE_MISSING,
    IDENTITY_REQUIRED,
    INITIAL_ROOT,
    INVALID_PREDICATE,
    INVALID_REGEXP,
    INVALID_URL,
    ISSUER_REQUIRED,
    KEY_KEEPER,
    ISSUER_UNUSABLE,
    LISTEN,
    LISTEN_NOT_LOOPBACK,
    KEPT_ROOT,
    LOG_ABSENT,
    NEW_PASSPHRASE,
    NO_IMAGE,
    NO_SIGNING_CONFIG,
    NO_TRUST,
    OFFLINE,
    OFFLINE_KEY,
    OLD_FORM,
    ONE_FILE,
    OTHER_IDENTITY,
    POLICY_LANGUAGE,
    POLICY_VIOLATED,
    POLICY_WITHOUT_CLAIM,
    PROFILE_CANNOT_SIGN,
    REFUSED,
    ROOT_PART,
    RUNTIME,
    SECRET_WITHOUT_KEY,
    LAYOUT_OCCUPIED,
    NO_PLATFORM,
    OTHER_SUBJECT,
    WRONG_DESTINATION,
    SELF_CHECK,
    SIGNING_INCOMPLETE,
    SIGNING_STUCK,
    TOO_MANY,
    VARIABLE_UNSET,
    UNKNOWN_PROFILE,
];

/// An error of a workflow.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data directory is served by another process.
    #[error("{} is served by another `sealwright up` already", .0.display())]
    AlreadyUp(PathBuf),
    /// A document could not be written as JSON.
    #[error("writing a document as JSON: {0}")]
    Encode(serde_json::Error),
    /// There is evidence, but none of it makes a claim that was required.
    #[error("no evidence makes the required claim \"{0}\"")]
    ClaimMissing(RequiredClaim),
    /// There is no evidence at all.
    #[error("no evidence was found; looked at {0}")]
    EvidenceMissing(String),
    /// Nobody said who must have signed.
    #[error("no identity was required: a signature by anybody proves nothing")]
    IdentityRequired,
    /// The root that an instance is to be trusted by cannot be that.
    #[error("{0}")]
    InitialRoot(InitialRootFault),
    /// What is to be stated is nothing that can be.
    #[error("the predicate cannot be stated: {reason}")]
    InvalidPredicate {
        /// What is wrong with it.
        reason: String,
    },
    /// A pattern is no regular expression.
    #[error("{flag} is no regular expression: {reason}")]
    InvalidRegexp {
        /// The flag.
        flag: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The URL of an update repository is none.
    #[error("{url:?} is no URL: {reason}")]
    InvalidUrl {
        /// What stands there.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An identity was required but not who vouches for it.
    #[error("an identity was required, but not its issuer: anybody can issue a certificate for it")]
    IssuerRequired,
    /// A key is kept where this build cannot reach it, or not for this.
    #[error("key is kept by {0}, which cannot be reached for this")]
    KeyKeeperUnavailable(&'static str),
    /// An issuer did not say its keys as it should.
    #[error("the issuer {url} cannot be believed: {reason}")]
    IssuerUnusable {
        /// The issuer.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An address cannot be listened on.
    #[error("listening on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// An address that other machines can reach.
    #[error("{0} is no loopback address, and what is served is for this machine alone")]
    ListenNotLoopback(SocketAddr),
    /// What was kept of an instance does not hold.
    #[error("what was kept in {} cannot be used: {reason}", path.display())]
    KeptRoot {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The data directory has no log.
    #[error("there is no log in {}", .0.display())]
    LogAbsent(PathBuf),
    /// Nothing gives a passphrase for a key that is to be written.
    #[error("no passphrase was given for the new key")]
    NewPassphraseMissing,
    /// Something that is no image where one was wanted.
    #[error("{0} is no image")]
    NoImage(String),
    /// A profile that nobody here can sign with.
    #[error("profile is {0}, and where it signs is not for others")]
    NoSigningConfig(Profile),
    /// There is no root to verify against.
    #[error("there is nothing to trust: {} holds no trust root yet, and none was named", .0.display())]
    NoTrust(PathBuf),
    /// A registry was named while sockets are not allowed.
    #[error("{0} is in a registry, and --offline opens no socket")]
    Offline(String),
    /// A key that is reached over a network was named while sockets are not allowed.
    #[error("key {0} is reached over a network, and --offline opens no socket")]
    OfflineKey(String),
    /// The older forms of evidence with a log they have no place for.
    #[error("the older forms of evidence hold no entry of a log of version 2")]
    OldForm,
    /// One file for the evidence of several targets.
    #[error("one file was named for the evidence of several targets")]
    OneFileForSeveral,
    /// A certificate authority certified somebody else.
    #[error("the certificate names {found}, wanted {wanted}")]
    OtherIdentity {
        /// Whom it names.
        found: String,
        /// Whom the token is about.
        wanted: String,
    },
    /// A policy whose language its name does not tell.
    #[error("{} is named neither .cue nor .rego", .0.display())]
    PolicyLanguage(PathBuf),
    /// A statement does not satisfy a policy.
    #[error("{policy} is violated: {}", reasons.join("; "))]
    PolicyViolated {
        /// The policy.
        policy: String,
        /// Why; at least one.
        reasons: Vec<String>,
    },
    /// There is a policy, and no statement that it could judge.
    #[error("a policy judges statements, and none is required")]
    PolicyWithoutClaim,
    /// A profile was named that `seal` does not sign with.
    #[error("profile is {0}, and nothing known of it says where to sign")]
    ProfileCannotSign(Profile),
    /// Evidence that cannot be said as a bundle of version 0.3.
    #[error("no bundle of version 0.3 can be made of it: {reason}")]
    NotUpgradable {
        /// What is missing.
        reason: String,
    },
    /// A directory to save an image in that holds another one.
    #[error("{} holds {found} already", directory.display())]
    LayoutOccupied {
        /// The directory.
        directory: PathBuf,
        /// What it holds.
        found: String,
    },
    /// An image is not there for a platform.
    #[error("{image} is not there for {wanted}, but for {}", if found.is_empty() { "no platform that it names".to_owned() } else { found.join(", ") })]
    NoPlatform {
        /// The image.
        image: String,
        /// The platform that was asked for.
        wanted: String,
        /// Those that there are.
        found: Vec<String>,
    },
    /// Evidence that is to be attached to what it is not about.
    #[error("the evidence is about {found}, and not about {wanted}")]
    OtherSubject {
        /// What it is about.
        found: String,
        /// What it was to be attached to.
        wanted: Box<sealwright_core::Digest>,
    },
    /// A copy's destination that names another digest than the copy has.
    #[error("the destination is to be {wanted}, and the image is {found}")]
    WrongDestination {
        /// The digest in the destination.
        wanted: Box<sealwright_core::Digest>,
        /// The image's.
        found: Box<sealwright_core::Digest>,
    },
    /// An update repository answered neither with a file nor that there is none.
    #[error("{url} answered with status {status}, wanted the file")]
    RepositoryRefused {
        /// What was asked for, without credentials.
        url: ShownUrl,
        /// The HTTP status.
        status: u16,
    },
    /// Nothing was given that a trusted root could be made of.
    #[error("no service was given, wanted at least one")]
    NoParts,
    /// What a trusted root is to be made of cannot be part of one.
    #[error("{} has {found}", path.display())]
    RootPart {
        /// The file.
        path: PathBuf,
        /// What it has, and what was wanted.
        found: &'static str,
    },
    /// The asynchronous runtime did not start.
    #[error("starting network threads: {0}")]
    Runtime(std::io::Error),
    /// A secret of a cluster that holds something else.
    #[error("secret has no {0}")]
    SecretWithoutKey(&'static str),
    /// What was just sealed does not verify.
    #[error("what was sealed does not verify: {code}: {message}")]
    SelfCheck {
        /// The code of the verifier.
        code: Code,
        /// Its message.
        message: String,
    },
    /// What was named to sign with lacks something.
    #[error("{0}")]
    SigningIncomplete(SigningLack),
    /// The signing state machine asked for something it cannot get here.
    #[error("signing did not end after {0} steps")]
    SigningStuck(usize),
    /// A variable of the environment that should hold a key.
    #[error("there is no key in the variable {0}: it is unset, empty or not UTF-8")]
    VariableUnset(String),
    /// More evidence than anybody would look at.
    #[error("more than {found} pieces of evidence were found, and no more are read")]
    TooManyBundles {
        /// How many were read.
        found: usize,
    },
    /// A profile that nothing is known of.
    #[error("no instance is known here by the name {0}")]
    UnknownInstance(Profile),
}

/// Why a root cannot be what an instance is trusted by.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InitialRootFault {
    /// The instance has one already.
    #[error("profile {0} is trusted by the root that came with this program, and by no other")]
    Fixed(Profile),
    /// None was given.
    #[error("profile {0} is new here, and no root was given to trust it by")]
    Missing(Profile),
    /// It came over a network, and nothing says that it is the right one.
    #[error("{0} is on another machine, and no checksum was given for it")]
    Unchecked(String),
}

impl Error {
    /// What was kept at a path does not hold.
    pub(crate) fn kept(path: &Path, reason: &dyn fmt::Display) -> Self {
        Self::KeptRoot {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// What is missing where something is to be signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningLack {
    /// Nobody issues certificates, and there is no key that verifiers know.
    #[error("the signing configuration names no certificate authority, and no key was given")]
    Authority,
    /// Nobody knows where to log in.
    #[error("the signing configuration names no issuer of identity tokens")]
    Issuer,
    /// Nothing would show that the certificate was valid when it signed.
    #[error("neither a log of version 1 nor a timestamp authority would say when it was signed")]
    Time,
    /// What is made could not be verified.
    #[error("no trusted root was given for the services of the signing configuration")]
    TrustedRoot,
}

impl SigningLack {
    const fn help(self) -> &'static str {
        match self {
            Self::Authority => {
                "give --key, or a signing configuration with a certificate authority"
            }
            Self::Issuer => "give --oidc-issuer, or a token with --identity-token-file",
            Self::Time => {
                "a certificate is good for minutes: use a signing configuration with a timestamp \
                 authority, or give --key"
            }
            Self::TrustedRoot => {
                "give --trusted-root too: what is made is verified before it is stored; or give \
                 both in one file with --trust-config"
            }
        }
    }
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::AlreadyUp(_) => ALREADY_UP,
            Self::ClaimMissing(_) => CLAIM_MISSING,
            Self::Encode(_) => ENCODE,
            Self::EvidenceMissing(_) => EVIDENCE_MISSING,
            Self::IdentityRequired => IDENTITY_REQUIRED,
            Self::InitialRoot(_) => INITIAL_ROOT,
            Self::InvalidPredicate { .. } => INVALID_PREDICATE,
            Self::OldForm => OLD_FORM,
            Self::OneFileForSeveral => ONE_FILE,
            Self::InvalidRegexp { .. } => INVALID_REGEXP,
            Self::InvalidUrl { .. } => INVALID_URL,
            Self::IssuerRequired => ISSUER_REQUIRED,
            Self::KeyKeeperUnavailable(_) => KEY_KEEPER,
            Self::IssuerUnusable { .. } => ISSUER_UNUSABLE,
            Self::Listen { .. } => LISTEN,
            Self::ListenNotLoopback(_) => LISTEN_NOT_LOOPBACK,
            Self::KeptRoot { .. } => KEPT_ROOT,
            Self::LogAbsent(_) => LOG_ABSENT,
            Self::NewPassphraseMissing => NEW_PASSPHRASE,
            Self::NoImage(_) => NO_IMAGE,
            Self::NoSigningConfig(_) => NO_SIGNING_CONFIG,
            Self::NoTrust(_) => NO_TRUST,
            Self::Offline(_) => OFFLINE,
            Self::OfflineKey(_) => OFFLINE_KEY,
            Self::OtherIdentity { .. } => OTHER_IDENTITY,
            Self::PolicyLanguage(_) => POLICY_LANGUAGE,
            Self::PolicyViolated { .. } => POLICY_VIOLATED,
            Self::PolicyWithoutClaim => POLICY_WITHOUT_CLAIM,
            Self::ProfileCannotSign(_) => PROFILE_CANNOT_SIGN,
            Self::NoParts | Self::RootPart { .. } => ROOT_PART,
            Self::RepositoryRefused { .. } => REFUSED,
            Self::Runtime(_) => RUNTIME,
            Self::SecretWithoutKey(_) => SECRET_WITHOUT_KEY,
            Self::NotUpgradable { .. } => BUNDLE_NOT_UPGRADABLE,
            Self::LayoutOccupied { .. } => LAYOUT_OCCUPIED,
            Self::NoPlatform { .. } => NO_PLATFORM,
            Self::OtherSubject { .. } => OTHER_SUBJECT,
            Self::WrongDestination { .. } => WRONG_DESTINATION,
            Self::SelfCheck { .. } => SELF_CHECK,
            Self::SigningIncomplete(_) => SIGNING_INCOMPLETE,
            Self::SigningStuck(_) => SIGNING_STUCK,
            Self::TooManyBundles { .. } => TOO_MANY,
            Self::VariableUnset(_) => VARIABLE_UNSET,
            Self::UnknownInstance(_) => UNKNOWN_PROFILE,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::ClaimMissing(_) | Self::EvidenceMissing(_) | Self::PolicyViolated { .. } => {
                Class::Rejected
            }
            Self::IdentityRequired
            | Self::InitialRoot(_)
            | Self::InvalidPredicate { .. }
            | Self::InvalidRegexp { .. }
            | Self::OldForm
            | Self::OneFileForSeveral
            | Self::InvalidUrl { .. }
            | Self::IssuerRequired
            | Self::KeyKeeperUnavailable(_)
            | Self::NewPassphraseMissing
            | Self::ListenNotLoopback(_)
            | Self::LayoutOccupied { .. }
            | Self::NoPlatform { .. }
            | Self::OtherSubject { .. }
            | Self::WrongDestination { .. }
            | Self::NoImage(_)
            | Self::NoSigningConfig(_)
            | Self::Offline(_)
            | Self::OfflineKey(_)
            | Self::PolicyLanguage(_)
            | Self::PolicyWithoutClaim
            | Self::ProfileCannotSign(_)
            | Self::NoParts
            | Self::RootPart { .. }
            | Self::UnknownInstance(_)
            | Self::SigningIncomplete(_)
            | Self::VariableUnset(_) => Class::Usage,
            Self::AlreadyUp(_)
            | Self::IssuerUnusable { .. }
            | Self::Listen { .. }
            | Self::KeptRoot { .. }
            | Self::LogAbsent(_)
            | Self::NotUpgradable { .. }
            | Self::NoTrust(_)
            | Self::OtherIdentity { .. }
            | Self::RepositoryRefused { .. }
            | Self::Runtime(_)
            | Self::SecretWithoutKey(_)
            | Self::TooManyBundles { .. } => Class::Undecided,
            Self::Encode(_) | Self::SelfCheck { .. } | Self::SigningStuck(_) => Class::Bug,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            Self::AlreadyUp(_) => {
                "use that one: its URL stands in up/url of the data directory; or name another --home"
            }
            Self::ClaimMissing(_) => "seal the artifact with that claim, or do not require it",
            Self::EvidenceMissing(_) => {
                "`sealwright seal` makes evidence; --bundle names evidence that lies elsewhere"
            }
            Self::IdentityRequired => {
                "give --identity and --issuer (or their -regexp forms), or --key"
            }
            Self::InitialRoot(InitialRootFault::Fixed(_)) => {
                "leave --root out, or give the instance a name of its own with --name"
            }
            Self::InitialRoot(_) => {
                "give --root with the file, or a URL together with --root-checksum"
            }
            Self::InvalidPredicate { .. } => {
                "give a file with a JSON object, and its type as a URI or by a short name"
            }
            Self::OldForm => "leave --rekor-version out, or use a bundle",
            Self::OneFileForSeveral => "sign one target at a time, or leave the files' names out",
            Self::InvalidRegexp { .. } => {
                "the pattern must match the whole text; escape dots as \\."
            }
            Self::InvalidUrl { .. } => "give a whole URL, such as https://example.com/tuf",
            Self::IssuerRequired => "give --issuer (or --issuer-regexp)",
            Self::KeyKeeperUnavailable(_) => {
                "use a release build of Sealwright, or give the key as a file"
            }
            Self::IssuerUnusable { .. } => {
                "check the URL, or give the issuer's keys in a file: --oidc-issuer URL=FILE"
            }
            Self::Listen { .. } => "name another address, or port 0 for any that is free",
            Self::ListenNotLoopback(_) => "listen on 127.0.0.1 or [::1]",
            Self::KeptRoot { .. } => {
                "`sealwright root update` asks for it anew; what is in its directory may be removed"
            }
            Self::LogAbsent(_) => "the log is made by the first `sealwright seal`",
            Self::NewPassphraseMissing => crate::key::PASSPHRASE_HELP,
            Self::NoImage(_) => "name an image: oci:DIR[:TAG] or HOST/NAME[:TAG]",
            Self::NoSigningConfig(_) => "leave --format out: the trusted root alone verifies",
            Self::NoTrust(_) => {
                "run `sealwright root show` where it was sealed and give the file to --trusted-root"
            }
            Self::Offline(_) => "verify an OCI layout (oci:DIR), or leave --offline out",
            Self::OfflineKey(_) => {
                "write its public half into a file first: sealwright keys public"
            }
            Self::OtherIdentity { .. } => {
                "do not use the certificate; tell whoever runs the certificate authority"
            }
            Self::PolicyLanguage(_) => "name the file after its language: .cue or .rego",
            Self::PolicyViolated { .. } => {
                "the statement is signed, and says what the policy does not allow"
            }
            Self::PolicyWithoutClaim => {
                "say which claim it judges: --require provenance, sbom or the URI of a predicate type"
            }
            Self::ProfileCannotSign(_) => {
                "say --profile local or public, or name where to sign with --signing-config or --trust-config"
            }
            Self::SigningIncomplete(lack) => lack.help(),
            Self::NotUpgradable { .. } => {
                "what is missing is not invented: sign the artifact again, or keep the old form, \
                 which `sealwright verify` reads"
            }
            Self::LayoutOccupied { .. } => {
                "name an empty directory: one holds one image, as nothing in it says which \
                 signatures belong to which"
            }
            Self::NoPlatform { .. } => {
                "name one of those, as os/architecture or os/architecture/variant"
            }
            Self::OtherSubject { .. } => {
                "attach it to the image it is about: by digest, or with --platform"
            }
            Self::WrongDestination { .. } => "leave the digest out of the destination",
            Self::RepositoryRefused { .. } => "check the URL, and try again later",
            Self::NoParts => "give --fulcio, --rekor, --ctfe or --tsa",
            Self::RootPart { .. } => {
                "put the certificates into one PEM file: the lowest first, each before its issuer, the root last"
            }
            Self::Runtime(_) => "check the limits on processes and memory",
            Self::SecretWithoutKey(_) => {
                "name a secret that `keys generate k8s://…` or cosign made"
            }
            Self::Encode(_) | Self::SelfCheck { .. } | Self::SigningStuck(_) => {
                "this is a defect of Sealwright; please report it with the output of --verbose"
            }
            Self::VariableUnset(_) => {
                "env://NAME wants the text of a key file in the variable NAME"
            }
            Self::TooManyBundles { .. } => "name the evidence with --bundle",
            Self::UnknownInstance(_) => {
                "`sealwright root list` shows those that are known, `sealwright root init` makes one known"
            }
        }))
    }
}
