//! What clients begin with: whom to trust and where to sign, as documents, as files, and as targets of an
//! update repository.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use sealwright_authority::Authority;
use sealwright_authority::UpdateRepository;
use sealwright_authority::UpdateTarget;
use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_files as files;
use sealwright_log::Log;
use sealwright_sigstore::LogVersion;

use super::Served;
use crate::Failure;
use crate::local::LocalSigstore;
use crate::root::pretty;

/// The documents, for as long as they are served.
pub(super) struct Documents {
    pub(super) repository: Arc<UpdateRepository>,
    /// Where they are written.
    directory: PathBuf,
    url: String,
    /// Where people get tokens.
    issuer: Option<String>,
    current: RwLock<Vec<Document>>,
}

/// One of them, by the name it is served and written under.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Document {
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl Documents {
    pub(super) fn new(repository: PathBuf, served: &Served) -> Self {
        Self {
            repository: Arc::new(UpdateRepository::at(repository)),
            directory: served.documents.clone(),
            url: served.url.clone(),
            issuer: served.issuers.first().cloned(),
            current: RwLock::default(),
        }
    }

    /// Makes them say what the Sigstore is now, and says whether they did not before.
    pub(super) fn publish(
        &self,
        sigstore: &LocalSigstore,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let mut config = sigstore.client_trust_config();
        let signing = &mut config.signing;
        let issuer = self.issuer.as_ref().unwrap_or(&self.url);
        let timestamps = format!("{}{TIMESTAMP}", self.url);
        for (services, url) in [
            (&mut signing.certificate_authorities, &self.url),
            (&mut signing.logs, &self.url),
            (&mut signing.token_issuers, issuer),
            (&mut signing.timestamp_authorities, &timestamps),
        ] {
            for service in services {
                service.url.clone_from(url);
            }
        }
        let text = |json: &[u8]| pretty(json).map(String::into_bytes);
        let trusted_root = text(&config.trust_root.to_json())?;
        let signing_config = text(&config.signing.to_json())?;

        let mut targets = vec![
            target("trusted_root.json", trusted_root.clone(), None),
            target("signing_config.v0.2.json", signing_config.clone(), None),
        ];
        targets.extend(older_targets(sigstore.authority(), sigstore.log()));
        self.repository.publish(&targets, now)?;

        let document = |name, bytes| Document { name, bytes };
        let new = vec![
            document("trust_config.json", text(&config.to_json())?),
            document("trusted_root.json", trusted_root),
            document("signing_config.json", signing_config),
            document("root.json", self.repository.first_root()?),
        ];
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = *current != new;
        *current = new;
        Ok(is_new)
    }

    /// Writes them, and last the URL under which they are served: when that is there, all is.
    pub(super) fn write(&self) -> Result<(), Failure> {
        fs::create_dir_all(&self.directory).map_err(|source| files::Error::Write {
            path: self.directory.clone(),
            source,
        })?;
        files::remove(&self.directory.join(URL))?;
        for document in self.all() {
            self.write_one(document.name, &document.bytes)?;
        }
        self.write_one(URL, format!("{}\n", self.url).as_bytes())
    }

    /// Takes the URL back, where nobody answers any more.
    pub(super) fn withdraw(&self) {
        // Whoever comes too late is told so by the connection.
        let _ = files::remove(&self.directory.join(URL));
    }

    pub(super) fn all(&self) -> Vec<Document> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    fn write_one(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.directory.join(Path::new(name));
        Ok(files::write_atomic(&path, bytes, files::PUBLIC_FILE)?)
    }
}

/// What Sigstore's clients looked for before there was a trusted root in one file.
fn older_targets(authority: &Authority, log: &Log) -> Vec<UpdateTarget> {
    let authorities = authority.certificate_authorities().iter();
    let fulcio: String = authorities
        .flat_map(|one| [&one.root, &one.intermediate])
        .map(Certificate::to_pem)
        .collect();
    let rekor = log.public().key(LogVersion::V1).to_pem();
    let ctfe = authority.ct_log_key().to_pem();
    let mut targets = vec![
        target("fulcio.crt.pem", fulcio.into_bytes(), Some("Fulcio")),
        target("rekor.pub", rekor.into_bytes(), Some("Rekor")),
        target("ctfe.pub", ctfe.into_bytes(), Some("CTFE")),
    ];
    if let Some(newest) = authority.timestamp_authorities().last() {
        for (name, certificate) in [
            ("tsa_leaf.crt.pem", &newest.leaf),
            ("tsa_root.crt.pem", &newest.root),
        ] {
            targets.push(target(name, certificate.to_pem().into_bytes(), Some("TSA")));
        }
    }
    targets
}

fn target(name: &'static str, bytes: Vec<u8>, usage: Option<&'static str>) -> UpdateTarget {
    UpdateTarget { name, bytes, usage }
}

/// The path of the timestamp authority.
const TIMESTAMP: &str = "/api/v1/timestamp";
const URL: &str = "url";
