//! Issuing certificates: a private CA, its timestamp authority, and short-lived signing leaves
//! with an embedded promise of a certificate transparency log.
//!
//! Shapes follow RFC 5280 and Sigstore's certificate specification (fulcio
//! `docs/certificate-specification.md`). A leaf's TBSCertificate is composed once: the log signs
//! it, the log's promise is appended as the last extension, and the CA signs the result.

pub(crate) mod tbs;

use sealwright_core::Identity;
use sealwright_core::Timestamp;

use self::tbs::Extension;
use self::tbs::Tbs;
use crate::Certificate;
use crate::Error;
use crate::PublicKey;
use crate::SignedCertificateTimestamp;
use crate::SigningKey;
use crate::asn1;
use crate::certificate::Eku;
use crate::error::Structure;
use crate::random_bytes;
use crate::sct;

/// What a CA or a timestamp authority is called.
#[derive(Clone, Copy, Debug)]
pub struct AuthorityName<'a> {
    /// organizationName.
    pub organization: &'a str,
    /// commonName.
    pub common_name: &'a str,
}

/// From when to when a certificate holds. Both ends belong to it.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    /// First second.
    pub not_before: Timestamp,
    /// Last second.
    pub not_after: Timestamp,
}

/// A CA certificate and the key it is about.
#[derive(Clone, Copy, Debug)]
pub struct Issuer<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// Its private key.
    pub key: &'a SigningKey,
}

/// A signing certificate to be issued.
#[derive(Clone, Debug)]
pub struct LeafRequest<'a> {
    /// The key to be certified. That its owner holds the private half is for the caller to check.
    pub public_key: &'a PublicKey,
    /// Who it belongs to.
    pub identity: &'a Identity,
    /// Who says so: Sigstore's extensions 1 and 8.
    pub issuer_url: &'a str,
    /// More of Sigstore's extensions, by number: those below 8 as bare text, those from 9 on as DER
    /// UTF8Strings.
    pub fulcio_extensions: &'a [(u32, &'a str)],
    /// From when to when.
    pub validity: Validity,
}

/// A certificate transparency log that promises inclusion.
#[derive(Clone, Copy, Debug)]
pub struct TransparencyLog<'a> {
    /// The log's key: ECDSA P-256.
    pub key: &'a SigningKey,
    /// The time of the promise.
    pub now: Timestamp,
    /// The promise's extensions: a static-ct log puts the leaf's index here.
    pub extensions: &'a [u8],
}

/// Makes a self-signed root CA.
///
/// # Errors
/// `crypto.unwritable`, `crypto.backend-failed`.
pub fn root_certificate(
    name: AuthorityName<'_>,
    validity: Validity,
    key: &SigningKey,
) -> Result<Certificate, Error> {
    let name = tbs::compose_name(name);
    let serial = random_serial()?;
    let key_id = tbs::key_id(key.public_key());
    Tbs {
        serial: &serial,
        issuer: &name,
        subject: &name,
        validity,
        public_key: key.public_key(),
        extensions: vec![
            Extension::basic_constraints(None),
            Extension::ca_key_usage(),
            Extension::subject_key_id(&key_id),
        ],
    }
    .sign(key)
}

/// Makes an intermediate CA that may issue leaves for `usage` and no further CAs.
///
/// # Errors
/// `crypto.unwritable`, `crypto.backend-failed`.
pub fn intermediate(
    name: AuthorityName<'_>,
    validity: Validity,
    public_key: &PublicKey,
    usage: Eku,
    issuer: Issuer<'_>,
) -> Result<Certificate, Error> {
    let serial = random_serial()?;
    Tbs {
        serial: &serial,
        issuer: issuer.certificate.subject_der(),
        subject: &tbs::compose_name(name),
        validity: within(validity, issuer.certificate),
        public_key,
        extensions: vec![
            Extension::basic_constraints(Some(0)),
            Extension::ca_key_usage(),
            Extension::extended_key_usage(usage, tbs::Criticality::Ignorable),
            Extension::subject_key_id(&tbs::key_id(public_key)),
            Extension::authority_key_id(issuer.certificate),
        ],
    }
    .sign(issuer.key)
}

/// Makes a timestamp authority's signing certificate.
///
/// # Errors
/// `crypto.unwritable`, `crypto.backend-failed`.
pub fn tsa_leaf(
    name: AuthorityName<'_>,
    validity: Validity,
    public_key: &PublicKey,
    issuer: Issuer<'_>,
) -> Result<Certificate, Error> {
    let serial = random_serial()?;
    Tbs {
        serial: &serial,
        issuer: issuer.certificate.subject_der(),
        subject: &tbs::compose_name(name),
        validity: within(validity, issuer.certificate),
        public_key,
        extensions: vec![
            Extension::leaf_key_usage(),
            Extension::extended_key_usage(Eku::TimeStamping, tbs::Criticality::Critical),
            Extension::subject_key_id(&tbs::key_id(public_key)),
            Extension::authority_key_id(issuer.certificate),
        ],
    }
    .sign(issuer.key)
}

/// Makes a signing certificate, with an embedded SCT when a log is given.
///
/// # Errors
/// `crypto.unwritable`, `crypto.backend-failed`.
pub fn code_signing_leaf(
    request: &LeafRequest<'_>,
    issuer: Issuer<'_>,
    log: Option<TransparencyLog<'_>>,
) -> Result<Certificate, Error> {
    let serial = random_serial()?;
    let mut extensions = vec![
        Extension::leaf_key_usage(),
        Extension::extended_key_usage(Eku::CodeSigning, tbs::Criticality::Ignorable),
        Extension::subject_key_id(&tbs::key_id(request.public_key)),
        Extension::authority_key_id(issuer.certificate),
        Extension::subject_alternative_name(request.identity)
            .ok_or_else(|| unwritable("identity"))?,
        Extension::fulcio_raw(1, request.issuer_url).ok_or_else(|| unwritable("issuer"))?,
        Extension::fulcio_utf8(8, request.issuer_url).ok_or_else(|| unwritable("issuer"))?,
    ];
    for (number, value) in request.fulcio_extensions {
        let compose = match *number {
            ..8 => Extension::fulcio_raw,
            _ => Extension::fulcio_utf8,
        };
        extensions.push(compose(*number, value).ok_or_else(|| unwritable("sigstore extension"))?);
    }
    let mut tbs = Tbs {
        serial: &serial,
        issuer: issuer.certificate.subject_der(),
        subject: &asn1::sequence(&[]),
        validity: within(request.validity, issuer.certificate),
        public_key: request.public_key,
        extensions,
    };
    if let Some(log) = log {
        let promise = promise(&tbs, issuer, log)?;
        tbs.extensions
            .push(Extension::scts(&[promise]).ok_or_else(|| unwritable("SCT"))?);
    }
    tbs.sign(issuer.key)
}

/// The log's promise: a signature over the certificate as it is without it.
fn promise(
    tbs: &Tbs<'_>,
    issuer: Issuer<'_>,
    log: TransparencyLog<'_>,
) -> Result<SignedCertificateTimestamp, Error> {
    let signed = sct::signed_bytes(
        &tbs.compose(issuer.key.scheme())?,
        issuer.certificate.public_key(),
        log.now,
        log.extensions,
    )
    .ok_or_else(|| unwritable("SCT"))?;
    Ok(SignedCertificateTimestamp {
        log_id: log.key.public_key().key_id(),
        timestamp: log.now,
        extensions: log.extensions.to_vec(),
        algorithm: sct::SHA256_ECDSA,
        signature: log.key.sign(&signed)?,
    })
}

/// A certificate must not outlive its issuer.
fn within(validity: Validity, issuer: &Certificate) -> Validity {
    Validity {
        not_before: validity.not_before,
        not_after: validity.not_after.min(issuer.not_after()),
    }
}

/// 159 random bits: positive and at most 20 octets (RFC 5280 section 4.1.2.2).
fn random_serial() -> Result<[u8; 20], Error> {
    let mut serial = [0; 20];
    random_bytes(&mut serial)?;
    let [first, ..] = &mut serial;
    *first = *first & 0x7f | 0x40;
    Ok(serial)
}

const fn unwritable(part: &'static str) -> Error {
    Error::Unwritable {
        structure: Structure::Certificate,
        part,
    }
}

#[cfg(test)]
mod tests;
