//! A timestamp authority's answers (RFC 3161 section 2.4.2).

use der::Tag;
use sealwright_core::Digest;
use sealwright_core::Timestamp;

use super::request::Certificates;
use super::request::TimestampRequest;
use crate::Certificate;
use crate::Error;
use crate::SigningKey;
use crate::asn1;
use crate::error::Structure;
use crate::oid;
use crate::scheme;
use crate::scheme::Hash;

/// Answers a request: a TimeStampResp whose token says that `now`, in whole seconds and accurate
/// to one, the authority saw the digest asked about. A request for a policy that is not this
/// authority's is answered with a refusal.
///
/// # Errors
/// `crypto.unwritable` when `key` is not the certificate's or `now` cannot be written,
/// `crypto.backend-failed`.
pub fn answer(
    request: &TimestampRequest,
    certificate: &Certificate,
    key: &SigningKey,
    serial: &[u8],
    now: Timestamp,
) -> Result<Vec<u8>, Error> {
    if certificate.public_key() != key.public_key() {
        return Err(unwritable("signing certificate, which is another key's"));
    }
    if request
        .policy()
        .is_some_and(|policy| policy != oid::SIGSTORE_TIMESTAMP_POLICY)
    {
        return Ok(refusal(UNACCEPTED_POLICY));
    }
    let info = compose_info(request, serial, now)?;
    // RFC 8419 section 3.1: with Ed25519 the digest is SHA-512.
    let digest = key.scheme().hash().unwrap_or(Hash::Sha512);
    let attributes = compose_attributes(certificate, &Digest::of(digest.algorithm(), &info), now)?;
    let signature = key.sign(&attributes)?;
    let digest = scheme::digest_identifier(digest);
    let identifier = scheme::signature_identifier(key.scheme()).ok_or(Error::Unwritable {
        structure: Structure::TimestampResponse,
        part: "signature algorithm",
    })?;

    // Stored under [0], signed as SET OF: only the tag differs.
    let mut stored_attributes = attributes;
    if let Some(tag) = stored_attributes.first_mut() {
        *tag = CONSTRUCTED_0;
    }
    let signer = asn1::sequence(&[
        &asn1::unsigned_integer(&[1]),
        &asn1::sequence(&[certificate.issuer_der(), &serial_of(certificate)]),
        &digest,
        &stored_attributes,
        &identifier,
        &asn1::element(Tag::OctetString, &[&signature]),
    ]);
    let content = asn1::sequence(&[
        &asn1::oid(oid::TST_INFO),
        &asn1::element(
            asn1::constructed(0),
            &[&asn1::element(Tag::OctetString, &[&info])],
        ),
    ]);
    let certificates = match request.certificates() {
        Certificates::Embed => asn1::element(asn1::constructed(0), &[certificate.der()]),
        Certificates::Omit => Vec::new(),
    };
    let signed_data = asn1::sequence(&[
        &asn1::unsigned_integer(&[3]),
        &asn1::element(Tag::Set, &[&digest]),
        &content,
        &certificates,
        &asn1::element(Tag::Set, &[&signer]),
    ]);
    let token = asn1::sequence(&[
        &asn1::oid(oid::SIGNED_DATA),
        &asn1::element(asn1::constructed(0), &[&signed_data]),
    ]);
    let granted = asn1::sequence(&[&asn1::unsigned_integer(&[0])]);
    Ok(asn1::sequence(&[&granted, &token]))
}

/// TSTInfo (RFC 3161 section 2.4.2).
fn compose_info(
    request: &TimestampRequest,
    serial: &[u8],
    now: Timestamp,
) -> Result<Vec<u8>, Error> {
    let gen_time = asn1::generalized_time(now).ok_or_else(|| unwritable("genTime"))?;
    let accuracy = asn1::sequence(&[&asn1::unsigned_integer(&[1])]);
    let nonce = request
        .nonce()
        .map(|nonce| asn1::element(Tag::Integer, &[nonce]))
        .unwrap_or_default();
    Ok(asn1::sequence(&[
        &asn1::unsigned_integer(&[1]),
        &asn1::oid(oid::SIGSTORE_TIMESTAMP_POLICY),
        &request.compose_imprint(),
        &asn1::unsigned_integer(serial),
        &gen_time,
        &accuracy,
        &nonce,
    ]))
}

/// contentType, signingTime, messageDigest and signingCertificateV2, as a SET OF.
fn compose_attributes(
    certificate: &Certificate,
    message_digest: &Digest,
    now: Timestamp,
) -> Result<Vec<u8>, Error> {
    let signing_time = asn1::certificate_time(now).ok_or_else(|| unwritable("signing time"))?;
    // ESSCertIDv2 with SHA-256, which as the default is left out.
    let issuer = asn1::element(asn1::constructed(4), &[certificate.issuer_der()]);
    let certificate_id = asn1::sequence(&[
        &asn1::element(
            Tag::OctetString,
            &[Digest::sha256(certificate.der()).as_bytes()],
        ),
        &asn1::sequence(&[&asn1::sequence(&[&issuer]), &serial_of(certificate)]),
    ]);
    let signing_certificate = asn1::sequence(&[&asn1::sequence(&[&certificate_id])]);
    let attribute =
        |id, value: &[u8]| asn1::sequence(&[&asn1::oid(id), &asn1::element(Tag::Set, &[value])]);
    Ok(asn1::set_of(vec![
        attribute(oid::CONTENT_TYPE, &asn1::oid(oid::TST_INFO)),
        attribute(oid::SIGNING_TIME, &signing_time),
        attribute(
            oid::MESSAGE_DIGEST,
            &asn1::element(Tag::OctetString, &[message_digest.as_bytes()]),
        ),
        attribute(oid::SIGNING_CERTIFICATE_V2, &signing_certificate),
    ]))
}

/// PKIStatusInfo with status rejection and one bit of PKIFailureInfo.
fn refusal(bit: u8) -> Vec<u8> {
    let mut bits = vec![0; usize::from(bit / 8) + 1];
    if let Some(last) = bits.last_mut() {
        *last = 0x80 >> (bit % 8);
    }
    let unused = [7 - bit % 8];
    let failure = asn1::element(Tag::BitString, &[&unused, &bits]);
    asn1::sequence(&[&asn1::sequence(&[&asn1::unsigned_integer(&[2]), &failure])])
}

fn serial_of(certificate: &Certificate) -> Vec<u8> {
    asn1::element(Tag::Integer, &[certificate.serial()])
}

const fn unwritable(part: &'static str) -> Error {
    Error::Unwritable {
        structure: Structure::TimestampResponse,
        part,
    }
}

/// PKIFailureInfo unacceptedPolicy.
const UNACCEPTED_POLICY: u8 = 15;
const CONSTRUCTED_0: u8 = 0xa0;
