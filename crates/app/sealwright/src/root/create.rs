//! Trusted roots and signing configurations made of parts that somebody has in files.

use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::PublicKey;
use sealwright_files as files;
use sealwright_sigstore::Authority;
use sealwright_sigstore::Selection;
use sealwright_sigstore::SigningConfig;
use sealwright_sigstore::SigningService;
use sealwright_sigstore::TransparencyLog;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::Validity;

use super::instance_trust;
use super::pretty;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::Profile;
use crate::failure::About as _;

/// An authority for signing certificates or for timestamps.
#[derive(Clone, Debug)]
pub struct AuthorityPart {
    /// Where it answers.
    pub url: String,
    /// A PEM file with its certificates, each issued by the next, the root last. That of a timestamp
    /// authority begins with the certificate that signs.
    pub certificate_chain: PathBuf,
    /// When it takes part, where that is not what a certificate of it says.
    pub valid_for: Validity,
}

/// A log of signatures or of certificates.
#[derive(Clone, Debug)]
pub struct LogPart {
    /// Where it answers.
    pub url: String,
    /// A file with its public key.
    pub public_key: PathBuf,
    /// When it takes part.
    pub valid_for: Validity,
    /// The name its checkpoints bear, of logs whose id follows from that, too (Rekor v2).
    pub origin: Option<String>,
}

/// What a trusted root is made of.
#[derive(Clone, Debug, Default)]
pub struct TrustedRootParts {
    /// An instance whose parts come first.
    pub base: Option<Profile>,
    /// Kinds that are not taken from it.
    pub without: Vec<ServiceKind>,
    /// Certificate authorities.
    pub certificate_authorities: Vec<AuthorityPart>,
    /// Certificate logs.
    pub ct_logs: Vec<LogPart>,
    /// Logs of signatures.
    pub logs: Vec<LogPart>,
    /// Timestamp authorities.
    pub timestamp_authorities: Vec<AuthorityPart>,
}

/// A kind of service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ServiceKind {
    /// Certificate authorities.
    CertificateAuthority,
    /// Certificate logs.
    CtLog,
    /// Logs of signatures.
    Log,
    /// Timestamp authorities.
    TimestampAuthority,
    /// Issuers of identity tokens.
    TokenIssuer,
}

/// What a signing configuration is made of. Services of a kind replace those of the base.
#[derive(Clone, Debug, Default)]
pub struct SigningConfigParts {
    /// What it begins with.
    pub base: SigningConfigBase,
    /// Kinds that are not taken from it.
    pub without: Vec<ServiceKind>,
    /// Certificate authorities.
    pub certificate_authorities: Vec<SigningService>,
    /// Issuers of identity tokens.
    pub token_issuers: Vec<SigningService>,
    /// Logs.
    pub logs: Vec<SigningService>,
    /// How many of the logs are used.
    pub log_selection: Option<Selection>,
    /// Timestamp authorities.
    pub timestamp_authorities: Vec<SigningService>,
    /// How many of the timestamp authorities are used.
    pub timestamp_selection: Option<Selection>,
}

/// What a signing configuration begins with.
#[derive(Clone, Debug, Default)]
pub enum SigningConfigBase {
    /// A signing configuration in a file.
    File(PathBuf),
    /// Nothing.
    #[default]
    Nothing,
    /// That of an instance.
    Profile(Profile),
}

/// Makes a trusted root, as JSON text.
///
/// # Errors
/// `root.part-unusable`; `certificate.malformed`, `key.…`, `files.…` of the parts; as
/// [`instance_trust`].
pub fn trusted_root_create(
    context: &Context<'_>,
    parts: &TrustedRootParts,
) -> Result<String, Failure> {
    let mut root = match parts.base {
        Some(profile) => instance_trust(context, profile)?.trust_root,
        None => TrustRoot::default(),
    };
    for kind in &parts.without {
        match kind {
            ServiceKind::CertificateAuthority => root.certificate_authorities.clear(),
            ServiceKind::CtLog => root.ct_logs.clear(),
            ServiceKind::Log => root.logs.clear(),
            ServiceKind::TimestampAuthority => root.timestamp_authorities.clear(),
            ServiceKind::TokenIssuer => {}
        }
    }
    for part in &parts.certificate_authorities {
        root.certificate_authorities
            .push(part.certificate_authority()?);
    }
    for part in &parts.timestamp_authorities {
        root.timestamp_authorities.push(part.timestamp_authority()?);
    }
    add(&mut root.ct_logs, &parts.ct_logs)?;
    add(&mut root.logs, &parts.logs)?;
    if root.is_empty() {
        return Err(Error::NoParts.into());
    }
    let json = root.to_json();
    // What is handed out can be read.
    TrustRoot::parse(&json)?;
    pretty(&json)
}

/// Makes a signing configuration, as JSON text.
///
/// # Errors
/// `root.part-unusable`, `signing-config.…`, `usage.no-signing-config`, `files.…`; as
/// [`instance_trust`].
pub fn signing_config_create(
    context: &Context<'_>,
    parts: &SigningConfigParts,
) -> Result<String, Failure> {
    let mut config = match &parts.base {
        SigningConfigBase::File(path) => {
            let json = files::read_limited_or_pipe(path, MAX_CONFIG)?;
            SigningConfig::parse(&json).about(path.display())?
        }
        SigningConfigBase::Nothing => SigningConfig {
            log_selection: Selection::Undefined,
            timestamp_selection: Selection::Undefined,
            ..SigningConfig::default()
        },
        SigningConfigBase::Profile(profile) => {
            let known = instance_trust(context, *profile)?.signing_config;
            let json = known.ok_or(Error::NoSigningConfig(*profile))?;
            SigningConfig::parse(&json).about(profile)?
        }
    };
    for kind in &parts.without {
        match kind {
            ServiceKind::CertificateAuthority => config.certificate_authorities.clear(),
            ServiceKind::CtLog => {}
            ServiceKind::Log => {
                config.logs.clear();
                config.log_selection = Selection::Undefined;
            }
            ServiceKind::TimestampAuthority => {
                config.timestamp_authorities.clear();
                config.timestamp_selection = Selection::Undefined;
            }
            ServiceKind::TokenIssuer => config.token_issuers.clear(),
        }
    }
    let replace = |services: &mut Vec<SigningService>, given: &[SigningService]| {
        if !given.is_empty() {
            *services = given.to_vec();
        }
    };
    replace(
        &mut config.certificate_authorities,
        &parts.certificate_authorities,
    );
    replace(&mut config.token_issuers, &parts.token_issuers);
    replace(&mut config.logs, &parts.logs);
    replace(
        &mut config.timestamp_authorities,
        &parts.timestamp_authorities,
    );
    config.log_selection = parts.log_selection.unwrap_or(config.log_selection);
    config.timestamp_selection = parts
        .timestamp_selection
        .unwrap_or(config.timestamp_selection);
    let json = config.to_json();
    SigningConfig::parse(&json)?;
    pretty(&json)
}

impl AuthorityPart {
    fn certificate_authority(&self) -> Result<Authority, Failure> {
        let chain = self.chain()?;
        let start = chain.last().map(Certificate::not_before);
        Ok(self.authority(chain, start))
    }

    fn timestamp_authority(&self) -> Result<Authority, Failure> {
        let chain = self.chain()?;
        if chain.len() < 2 {
            return Err(
                self.unusable("a single certificate, wanted the one that signs and those above it")
            );
        }
        if chain.first().is_some_and(Certificate::is_ca) {
            return Err(self.unusable(
                "an authority for its first certificate, wanted the one that signs timestamps",
            ));
        }
        let start = chain.first().map(Certificate::not_before);
        Ok(self.authority(chain, start))
    }

    fn chain(&self) -> Result<Vec<Certificate>, Failure> {
        let path = &self.certificate_chain;
        let text = files::read_limited_text(path, MAX_PART)?;
        let chain = Certificate::list_from_pem(&text).about(path.display())?;
        let mut above = chain.iter().skip(1);
        let unbroken = chain.iter().all(|certificate| {
            above
                .next()
                .is_none_or(|issuer| certificate.verify_signed_by(issuer.public_key()).is_ok())
        });
        match (chain.is_empty(), unbroken) {
            (true, _) => Err(self.unusable("no certificate")),
            (_, false) => {
                Err(self.unusable("certificates that are not each issued by the one after it"))
            }
            (false, true) => Ok(chain),
        }
    }

    fn authority(&self, chain: Vec<Certificate>, start: Option<Timestamp>) -> Authority {
        let root = chain.last();
        let text = |of: fn(&Certificate) -> Option<String>| root.and_then(of).unwrap_or_default();
        Authority {
            organization: text(Certificate::subject_organization),
            common_name: text(Certificate::subject_common_name),
            uri: self.url.clone(),
            valid_for: Validity {
                start: self.valid_for.start.or(start),
                end: self.valid_for.end,
            },
            operator: String::new(),
            chain,
        }
    }

    fn unusable(&self, found: &'static str) -> Failure {
        unusable(&self.certificate_chain, found)
    }
}

/// Adds logs. One whose id is there already takes its place: clients find logs by id.
fn add(logs: &mut Vec<TransparencyLog>, parts: &[LogPart]) -> Result<(), Failure> {
    for part in parts {
        let path = &part.public_key;
        let bytes = files::read_limited_or_pipe(path, MAX_PART)?;
        let key = PublicKey::import(&bytes).about(path.display())?;
        let log =
            TransparencyLog::from_parts(&part.url, key, part.origin.as_deref(), part.valid_for);
        logs.retain(|other| other.log_id != log.log_id);
        logs.push(log);
    }
    Ok(())
}

fn unusable(path: &Path, found: &'static str) -> Failure {
    let path = path.to_owned();
    Error::RootPart { path, found }.into()
}

/// Most bytes of a key or a chain.
const MAX_PART: u64 = 1 << 20;
const MAX_CONFIG: u64 = 4 << 20;
