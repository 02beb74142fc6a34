//! Drives the signing state machine to its end.

use std::cell::RefCell;

use sealwright_core::Base64;
use sealwright_core::Identity;
use sealwright_crypto::Certificate;
use sealwright_crypto::SigningKey;
use sealwright_net::oidc::IdentityToken;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::CertificateRequest;
use sealwright_sigstore::ClaimInput;
use sealwright_sigstore::Input;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::SigningMachine;
use sealwright_sigstore::SigningOptions as MachineOptions;
use sealwright_sigstore::SigningWith;
use sealwright_sigstore::Step;

use super::Session;
use super::identity;
use super::remote;
use crate::Error;
use crate::Failure;
use crate::ManagedKey;
use crate::local::LocalSigstore;

/// More steps than signing takes, even when certificates have to be renewed.
const MAX_STEPS: usize = 64;

/// What the state machine asks others for.
pub(super) trait Services {
    /// How many authorities give timestamps.
    fn timestamp_authorities(&self, session: &Session<'_>) -> usize;
    /// The subject a proof of possession is made over.
    fn subject(&self, session: &Session<'_>) -> Result<String, Failure>;
    /// A certificate.
    fn certificate(
        &self,
        session: &Session<'_>,
        request: &CertificateRequest,
    ) -> Result<Certificate, Failure>;
    /// For each authority, a timestamp over each message.
    fn timestamps(
        &self,
        session: &Session<'_>,
        messages: &[Base64],
    ) -> Result<Vec<Vec<Vec<u8>>>, Failure>;
    /// For each log, its entries.
    fn entries(
        &self,
        session: &Session<'_>,
        batches: &[Vec<ProposedEntry>],
    ) -> Result<Vec<Vec<LogEntry>>, Failure>;
}

/// Signs claims with the key that was given, or with a fresh one, which is gone when this returns.
pub(super) fn drive(
    session: &Session<'_>,
    services: &dyn Services,
    claims: Vec<ClaimInput>,
) -> Result<Vec<Bundle>, Failure> {
    let fresh;
    let (key, with): (&ManagedKey, _) = match &session.options.key {
        Some(key) => {
            let hint = hint(key);
            (key, SigningWith::ManagedKey { hint })
        }
        None => {
            fresh = ManagedKey::in_memory(SigningKey::generate(session.scheme())?);
            (&fresh, SigningWith::Certificate)
        }
    };
    let mut machine = SigningMachine::new(
        claims,
        MachineOptions {
            logs: session.place.log_versions(session.options),
            timestamp_authorities: services.timestamp_authorities(session),
            with,
        },
    );
    let mut input = Input::Start;
    for _ in 0..MAX_STEPS {
        input = match machine.step(input)? {
            Step::NeedIdentityToken => Input::IdentityToken {
                subject: services.subject(session)?,
            },
            Step::NeedPublicKey => Input::PublicKey {
                key: key.public_key().clone(),
                scheme: key.scheme(),
            },
            Step::NeedSignatures(requests) => Input::Signatures(
                requests
                    .iter()
                    .map(|request| key.sign_request(request))
                    .collect::<Result<_, _>>()?,
            ),
            Step::NeedCertificate(request) => {
                Input::Certificate(Box::new(services.certificate(session, &request)?))
            }
            Step::NeedTimestamps(messages) => {
                Input::Timestamps(services.timestamps(session, &messages)?)
            }
            Step::NeedLogEntries(batches) => {
                Input::LogEntries(services.entries(session, &batches)?)
            }
            Step::Done(bundles) => return Ok(bundles),
        };
    }
    Err(Error::SigningStuck(MAX_STEPS).into())
}

/// What a bundle says about which key: the SHA-256 of the key in base64, as cosign has it.
fn hint(key: &ManagedKey) -> String {
    Base64::encode(&key.public_key().key_id())
}

/// The embedded Sigstore.
pub(super) struct Local<'a>(pub(super) &'a LocalSigstore);

impl Services for Local<'_> {
    fn timestamp_authorities(&self, _: &Session<'_>) -> usize {
        1
    }

    fn subject(&self, _: &Session<'_>) -> Result<String, Failure> {
        Ok(self.0.identity().value().to_owned())
    }

    fn certificate(
        &self,
        session: &Session<'_>,
        request: &CertificateRequest,
    ) -> Result<Certificate, Failure> {
        self.0.certificate(request, session.context)
    }

    fn timestamps(
        &self,
        session: &Session<'_>,
        messages: &[Base64],
    ) -> Result<Vec<Vec<Vec<u8>>>, Failure> {
        let by_it = messages
            .iter()
            .map(|message| self.0.timestamp(message.as_bytes(), session.context))
            .collect::<Result<_, _>>()?;
        Ok(vec![by_it])
    }

    fn entries(
        &self,
        session: &Session<'_>,
        batches: &[Vec<ProposedEntry>],
    ) -> Result<Vec<Vec<LogEntry>>, Failure> {
        batches
            .iter()
            .map(|batch| {
                let version = batch.first().map(ProposedEntry::log_version);
                let version = version.unwrap_or(LogVersion::V1);
                self.0.add(batch, version, session.context)
            })
            .collect()
    }
}

/// Services over HTTP.
pub(super) struct Remote<'a> {
    services: &'a remote::Services,
    certified: RefCell<Option<Certified>>,
}

/// Whom a certificate names.
pub(super) struct Certified {
    pub(super) identity: Identity,
    pub(super) issuer: String,
}

impl<'a> Remote<'a> {
    pub(super) const fn new(services: &'a remote::Services) -> Self {
        Self {
            services,
            certified: RefCell::new(None),
        }
    }

    /// Whom the last certificate names; `None` without one.
    pub(super) fn into_certified(self) -> Option<Certified> {
        self.certified.into_inner()
    }

    /// The run's token, a new one when it has expired.
    fn token(&self, session: &Session<'_>) -> Result<IdentityToken, Failure> {
        let now = session.context.clock.now();
        let mut kept = session.token.borrow_mut();
        if let Some(token) = &*kept
            && token.check_unexpired(now).is_ok()
        {
            return Ok(token.clone());
        }
        let token = identity::token(session.context, &session.options.identity, self.services)?;
        Ok(kept.insert(token).clone())
    }
}

impl Services for Remote<'_> {
    fn timestamp_authorities(&self, _: &Session<'_>) -> usize {
        self.services.timestamp_authorities()
    }

    fn subject(&self, session: &Session<'_>) -> Result<String, Failure> {
        Ok(self.token(session)?.proof_subject().to_owned())
    }

    fn certificate(
        &self,
        session: &Session<'_>,
        request: &CertificateRequest,
    ) -> Result<Certificate, Failure> {
        let token = self.token(session)?;
        let leaf = self.services.certify(&token, request)?;
        let (identity, issuer) = identity::check(&token, &leaf)?;
        *self.certified.borrow_mut() = Some(Certified { identity, issuer });
        Ok(leaf)
    }

    fn timestamps(
        &self,
        _: &Session<'_>,
        messages: &[Base64],
    ) -> Result<Vec<Vec<Vec<u8>>>, Failure> {
        self.services.timestamps(messages)
    }

    fn entries(
        &self,
        _: &Session<'_>,
        batches: &[Vec<ProposedEntry>],
    ) -> Result<Vec<Vec<LogEntry>>, Failure> {
        self.services.entries(batches)
    }
}

/// A key alone: nobody is asked for anything.
pub(super) struct Nowhere;

impl Services for Nowhere {
    fn timestamp_authorities(&self, _: &Session<'_>) -> usize {
        0
    }

    fn subject(&self, _: &Session<'_>) -> Result<String, Failure> {
        Err(Error::SigningStuck(0).into())
    }

    fn certificate(&self, _: &Session<'_>, _: &CertificateRequest) -> Result<Certificate, Failure> {
        Err(Error::SigningStuck(0).into())
    }

    fn timestamps(&self, _: &Session<'_>, _: &[Base64]) -> Result<Vec<Vec<Vec<u8>>>, Failure> {
        Ok(Vec::new())
    }

    fn entries(
        &self,
        _: &Session<'_>,
        _: &[Vec<ProposedEntry>],
    ) -> Result<Vec<Vec<LogEntry>>, Failure> {
        Ok(Vec::new())
    }
}
