//! AWS Key Management Service: `GetPublicKey`, `Sign`, `CreateKey`, `CreateAlias` (API version
//! 2014-11-01, JSON 1.1), signed by Signature Version 4.
//!
//! Credentials and region are what AWS's own chain says; the rest of its SDK is not needed for four
//! calls.

use std::time::Duration;
use std::time::SystemTime;

use aws_config::BehaviorVersion;
use aws_config::Region;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sigv4::http_request::SignableBody;
use aws_sigv4::http_request::SignableRequest;
use aws_sigv4::http_request::SigningSettings;
use aws_sigv4::http_request::sign;
use aws_sigv4::sign::v4;
use bytes::Bytes;
use sealwright_core::Base64;
use sealwright_core::Timestamp;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::RsaSize;
use sealwright_crypto::SignatureScheme;
use sealwright_net::Answer;
use sealwright_net::Client;
use sealwright_net::HeaderName;
use sealwright_net::HeaderValue;
use sealwright_net::Method;
use sealwright_net::Repeat;
use sealwright_net::Request;
use sealwright_net::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::Error;
use crate::NewKey;
use crate::Surroundings;
use crate::exchange;
use crate::exchange::MAKE;
use crate::exchange::Purpose;
use crate::exchange::READ;
use crate::exchange::SIGN;
use crate::key::Found;
use crate::key::Handed;
use crate::reference::KeyService;

/// The service in one region.
pub(crate) struct Service {
    client: Client,
    url: Url,
    region: Region,
    provider: SharedCredentialsProvider,
    known: Mutex<Option<Credentials>>,
    /// What time it was when the clock started to be counted on.
    start: (Timestamp, Instant),
}

/// A key of it.
pub(crate) struct AwsKey {
    service: Service,
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PublicKeyAnswer {
    public_key: Base64,
    key_usage: String,
    #[serde(default)]
    signing_algorithms: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SignAnswer {
    signature: Base64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateAnswer {
    key_metadata: KeyMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyMetadata {
    key_id: String,
}

impl Service {
    /// Finds region, endpoint and credentials.
    pub(crate) async fn connect(
        endpoint: &str,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Error> {
        let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let missing = |reason: &str| Error::CredentialsMissing {
            service: KeyService::Aws,
            reason: reason.into(),
        };
        let provider = config
            .credentials_provider()
            .ok_or_else(|| missing("AWS's chain has no source of credentials"))?;
        let named = surroundings.variable("AWS_ENDPOINT_URL_KMS");
        let named = named.or_else(|| config.endpoint_url().map(str::to_owned));
        let region = config.region().cloned();
        let (url, region) = match (endpoint, named, region) {
            ("", None, None) => return Err(missing("no region is named")),
            ("", None, Some(region)) => {
                let domain = match region.as_ref().starts_with("cn-") {
                    true => "amazonaws.com.cn",
                    false => "amazonaws.com",
                };
                (format!("https://kms.{region}.{domain}"), region)
            }
            // Signed for some region, as every request is.
            ("", Some(url), region) => (url, region.unwrap_or(DEFAULT_REGION)),
            (host, _, region) => (format!("https://{host}"), region.unwrap_or(DEFAULT_REGION)),
        };
        let url = Url::parse(&url).map_err(|_| Error::SettingInvalid {
            name: url.into(),
            found: "no URL",
            wanted: "the endpoint of AWS KMS",
        })?;
        Ok(Self::new(
            surroundings.client.clone(),
            url,
            region,
            provider,
            surroundings.now,
        ))
    }

    pub(crate) fn new(
        client: Client,
        url: Url,
        region: Region,
        provider: SharedCredentialsProvider,
        now: Timestamp,
    ) -> Self {
        Self {
            client,
            url,
            region,
            provider,
            known: Mutex::new(None),
            start: (now, Instant::now()),
        }
    }

    /// Reads the public half of a key.
    pub(crate) async fn open(self, id: &str) -> Result<Found<AwsKey>, Error> {
        let purpose = purpose(READ, id);
        let answer: PublicKeyAnswer = self
            .call(purpose, "GetPublicKey", json!({ "KeyId": id }), PUBLIC_KEY)
            .await?;
        if answer.key_usage != "SIGN_VERIFY" {
            return Err(Error::UnsupportedKey {
                service: KeyService::Aws,
                found: format!("for {}", answer.key_usage).into(),
                wanted: "one for SIGN_VERIFY",
            });
        }
        let public_key =
            PublicKey::from_der(answer.public_key.as_bytes()).map_err(|source| Error::Key {
                service: KeyService::Aws,
                source,
            })?;
        let algorithms = answer.signing_algorithms;
        let mut schemes: Vec<_> = algorithms
            .iter()
            .filter_map(|name| scheme(name, public_key.kind()))
            .collect();
        // As every Sigstore client expects of such a key, where the key does it.
        schemes.sort_by_key(|scheme| *scheme != public_key.default_scheme());
        Ok(Found {
            keeper: AwsKey {
                service: self,
                id: id.to_owned(),
            },
            public_key,
            schemes,
        })
    }

    /// Makes a key and gives it the alias.
    pub(crate) async fn create(&self, id: &str, kind: NewKey) -> Result<(), Error> {
        if !id.starts_with("alias/") {
            return Err(Error::SettingInvalid {
                name: format!("awskms:///{id}").into(),
                found: "no alias",
                wanted: "awskms:///alias/NAME: AWS chooses the ids of new keys itself",
            });
        }
        let purpose = purpose(MAKE, id);
        let spec = match kind {
            NewKey::Kind(KeyKind::EcdsaP256) => "ECC_NIST_P256",
            NewKey::Kind(KeyKind::EcdsaP384) => "ECC_NIST_P384",
            NewKey::Kind(KeyKind::EcdsaP521) => "ECC_NIST_P521",
            NewKey::Kind(KeyKind::Ed25519) => "ECC_NIST_EDWARDS25519",
            NewKey::Rsa(RsaSize::Bits2048) => "RSA_2048",
            NewKey::Rsa(RsaSize::Bits4096) => "RSA_4096",
            NewKey::Rsa(RsaSize::Bits3072) | NewKey::Kind(_) => "RSA_3072",
        };
        let body = json!({
            "KeySpec": spec,
            "KeyUsage": "SIGN_VERIFY",
            "Description": "made by sealwright",
        });
        let wanted = "the metadata of a key";
        let made: CreateAnswer = self.call(purpose, "CreateKey", body, wanted).await?;
        let body = json!({ "AliasName": id, "TargetKeyId": made.key_metadata.key_id });
        let request = self.request("CreateAlias", body).await?;
        let answer = exchange::send(&self.client, KeyService::Aws, &request).await?;
        match answer.status.is_success() {
            true => Ok(()),
            false => Err(refusal(purpose, &answer)),
        }
    }

    /// One call, repeated when the service says that it is too busy for it, which it does by status
    /// 400.
    async fn call<T: DeserializeOwned>(
        &self,
        purpose: Purpose<'_>,
        operation: &'static str,
        body: Value,
        wanted: &'static str,
    ) -> Result<T, Error> {
        let mut wait = self.client.options().retry_wait;
        let mut tries = 0;
        loop {
            let request = self.request(operation, body.clone()).await?;
            let answer = exchange::send(&self.client, KeyService::Aws, &request).await?;
            if answer.status.is_success() {
                return exchange::accept(purpose, &answer, wanted);
            }
            let repeatable = purpose.action != MAKE && tries < self.client.options().max_retries;
            if !(repeatable && is_throttled(&answer)) {
                return Err(refusal(purpose, &answer));
            }
            tokio::time::sleep(wait).await;
            wait = exchange::MAX_WAIT.min(wait * 2);
            tries += 1;
        }
    }

    async fn request(&self, operation: &str, body: Value) -> Result<Request, Error> {
        let body = body.to_string();
        let target = format!("TrentService.{operation}");
        let named = [("content-type", MEDIA_TYPE), ("x-amz-target", &target)];
        let identity = self.credentials().await?.into();
        let region = self.region.as_ref();
        let unsigned = |reason: &dyn std::fmt::Display| Error::CredentialsMissing {
            service: KeyService::Aws,
            reason: reason.to_string().into(),
        };
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("kms")
            .time(self.now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unsigned(&error))?
            .into();
        let signable = SignableRequest::new(
            "POST",
            self.url.as_str(),
            named.into_iter(),
            SignableBody::Bytes(body.as_bytes()),
        );
        let (instructions, _) = signable
            .and_then(|request| sign(request, &parameters))
            .map_err(|error| unsigned(&error))?
            .into_parts();
        let repeat = match operation {
            "CreateKey" => Repeat::Never,
            _ => Repeat::Allowed,
        };
        let mut request = Request::new(Method::POST, self.url.clone())
            .repeat(repeat)
            .body(
                HeaderValue::from_static(MEDIA_TYPE),
                Bytes::from(body.clone()),
            );
        let signed = instructions.headers();
        for (name, value) in signed.chain([("x-amz-target", target.as_str())]) {
            let name = HeaderName::try_from(name).map_err(|error| unsigned(&error))?;
            request = exchange::secret(request, name, value, KeyService::Aws)?;
        }
        Ok(request)
    }

    /// Credentials that do not end within the next minute.
    async fn credentials(&self) -> Result<Credentials, Error> {
        let mut known = self.known.lock().await;
        let soon = self.now() + Duration::from_secs(60);
        if let Some(credentials) = known.as_ref()
            && credentials.expiry().is_none_or(|end| end > soon)
        {
            return Ok(credentials.clone());
        }
        let fresh = self.provider.provide_credentials().await;
        let fresh = fresh.map_err(|error| Error::CredentialsMissing {
            service: KeyService::Aws,
            reason: innermost(&error).into(),
        })?;
        Ok(known.insert(fresh).clone())
    }

    fn now(&self) -> SystemTime {
        let (time, instant) = self.start;
        let since = u64::try_from(time.milliseconds()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_millis(since) + instant.elapsed()
    }
}

impl AwsKey {
    pub(crate) async fn sign(
        &self,
        scheme: SignatureScheme,
        handed: Handed<'_>,
    ) -> Result<Vec<u8>, Error> {
        let (kind, bytes) = match handed {
            Handed::Digest(digest) => ("DIGEST", digest.as_bytes()),
            Handed::Message(message) if message.len() <= MAX_MESSAGE => ("RAW", message),
            Handed::Message(_) => {
                return Err(Error::UnsupportedKey {
                    service: KeyService::Aws,
                    found: "one that takes messages of at most 4096 bytes".into(),
                    wanted: "one that signs digests, or a shorter message",
                });
            }
        };
        let body = json!({
            "KeyId": self.id,
            "Message": Base64::encode(bytes),
            "MessageType": kind,
            "SigningAlgorithm": name(scheme),
        });
        let purpose = purpose(SIGN, &self.id);
        let answer: SignAnswer = self.service.call(purpose, "Sign", body, SIGNATURE).await?;
        Ok(answer.signature.as_bytes().to_vec())
    }
}

const fn purpose<'a>(action: &'static str, key: &'a str) -> Purpose<'a> {
    Purpose {
        service: KeyService::Aws,
        action,
        key,
    }
}

/// The name of an error: `__type`, which may begin with a namespace.
fn kind_of(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let name = body.get("__type").and_then(Value::as_str).unwrap_or("");
    name.rsplit('#').next().unwrap_or("").to_owned()
}

fn is_throttled(answer: &Answer) -> bool {
    matches!(
        kind_of(answer).as_str(),
        "ThrottlingException" | "LimitExceededException" | "KMSInternalException"
    )
}

/// AWS says almost everything by status 400.
fn refusal(purpose: Purpose<'_>, answer: &Answer) -> Error {
    let status = answer.status.as_u16();
    let message = exchange::message(&answer.body);
    let meant = match kind_of(answer).as_str() {
        "NotFoundException" => 404,
        "AlreadyExistsException" => 409,
        "AccessDeniedException"
        | "ExpiredTokenException"
        | "IncompleteSignatureException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "UnrecognizedClientException" => 403,
        _ if is_throttled(answer) => 503,
        _ => status,
    };
    exchange::refusal(purpose, meant, message)
}

fn scheme(name: &str, kind: KeyKind) -> Option<SignatureScheme> {
    ALGORITHMS
        .iter()
        .find(|(known, scheme)| *known == name && scheme.key_kind() == kind)
        .map(|(_, scheme)| *scheme)
}

fn name(scheme: SignatureScheme) -> &'static str {
    let found = ALGORITHMS.iter().find(|(_, known)| *known == scheme);
    found.map_or("", |(name, _)| name)
}

/// The innermost cause: the outer ones say that something went wrong.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    sealwright_core::terminal::escape(&cause.to_string()).to_string()
}

const ALGORITHMS: &[(&str, SignatureScheme)] = &[
    ("ECDSA_SHA_256", SignatureScheme::EcdsaP256Sha256),
    ("ECDSA_SHA_384", SignatureScheme::EcdsaP384Sha384),
    ("ECDSA_SHA_512", SignatureScheme::EcdsaP521Sha512),
    ("ED25519_SHA_512", SignatureScheme::Ed25519),
    ("ED25519_PH_SHA_512", SignatureScheme::Ed25519ph),
    ("RSASSA_PKCS1_V1_5_SHA_256", SignatureScheme::RsaPkcs1Sha256),
    ("RSASSA_PKCS1_V1_5_SHA_384", SignatureScheme::RsaPkcs1Sha384),
    ("RSASSA_PKCS1_V1_5_SHA_512", SignatureScheme::RsaPkcs1Sha512),
    ("RSASSA_PSS_SHA_256", SignatureScheme::RsaPssSha256),
    ("RSASSA_PSS_SHA_384", SignatureScheme::RsaPssSha384),
    ("RSASSA_PSS_SHA_512", SignatureScheme::RsaPssSha512),
];
const DEFAULT_REGION: Region = Region::from_static("us-east-1");
const MEDIA_TYPE: &str = "application/x-amz-json-1.1";
/// What a message that is not hashed first may have.
const MAX_MESSAGE: usize = 4096;
const PUBLIC_KEY: &str = "a public key with its algorithms";
const SIGNATURE: &str = "a signature";

#[cfg(test)]
mod tests;
