//! Keys that somebody else keeps, used without waiting for them in the caller's way.

use std::future::Future;
use std::time::Duration;

use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::RsaSize;
use sealwright_crypto::SignatureInput;
use sealwright_crypto::SignatureScheme;
use sealwright_kms::Cluster;
use sealwright_kms::Existing;
use sealwright_kms::KeySecret;
use sealwright_kms::KmsKey;
use sealwright_kms::KmsReference;
use sealwright_kms::NewKey;
use sealwright_kms::Surroundings;
use sealwright_net::Client;
use sealwright_net::Options;
use tokio::runtime::Runtime;

use super::KeyAlgorithm;
use super::Overwrite;
use crate::Context;
use crate::Error;
use crate::Failure;

/// A key in a key management service, with the runtime that talks to it.
pub(super) struct RemoteKey {
    key: KmsKey,
    driver: Driver,
}

impl RemoteKey {
    pub(super) fn open(context: &Context<'_>, reference: &KmsReference) -> Result<Self, Failure> {
        let driver = Driver::start()?;
        let surroundings = surroundings(context);
        let key = driver.run(KmsKey::open(reference, &surroundings))?;
        Ok(Self { key, driver })
    }

    pub(super) fn create(
        context: &Context<'_>,
        reference: &KmsReference,
        algorithm: KeyAlgorithm,
        existing: Existing,
    ) -> Result<Self, Failure> {
        let driver = Driver::start()?;
        let surroundings = surroundings(context);
        let created = KmsKey::create(reference, new_key(algorithm), existing, &surroundings);
        let key = driver.run(created)?;
        Ok(Self { key, driver })
    }

    pub(super) const fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    pub(super) fn scheme(&self) -> SignatureScheme {
        self.key.scheme()
    }

    pub(super) fn supports(&self, scheme: SignatureScheme) -> bool {
        self.key.supports(scheme)
    }

    pub(super) fn sign(
        &self,
        scheme: SignatureScheme,
        input: SignatureInput<'_>,
    ) -> Result<Vec<u8>, Failure> {
        self.driver.run(self.key.sign(scheme, input))
    }
}

/// Reads what cosign keeps in a secret.
pub(super) fn read_secret(
    context: &Context<'_>,
    namespace: &str,
    name: &str,
) -> Result<KeySecret, Failure> {
    let driver = Driver::start()?;
    let cluster = Cluster::connect(&surroundings(context))?;
    driver.run(cluster.read(namespace, name))
}

/// Writes a secret as cosign does.
pub(super) fn write_secret(
    context: &Context<'_>,
    (namespace, name): (&str, &str),
    content: &KeySecret,
    overwrite: Overwrite,
) -> Result<(), Failure> {
    let driver = Driver::start()?;
    let cluster = Cluster::connect(&surroundings(context))?;
    let existing = match overwrite {
        Overwrite::Allowed => Existing::Used,
        Overwrite::Refused => Existing::Refused,
    };
    driver.run(cluster.write(namespace, name, content, existing))
}

/// Runs what is asynchronous to its end. On a thread of its own, as the caller may itself be inside
/// something asynchronous.
struct Driver(Option<Runtime>);

impl Driver {
    fn start() -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        Ok(Self(Some(runtime.map_err(Error::Runtime)?)))
    }

    fn run<T: Send>(
        &self,
        request: impl Future<Output = Result<T, sealwright_kms::Error>> + Send,
    ) -> Result<T, Failure> {
        let Some(runtime) = &self.0 else {
            return Err(Error::Runtime(std::io::ErrorKind::NotConnected.into()).into());
        };
        let ended = std::thread::scope(|scope| {
            let thread = scope.spawn(|| runtime.block_on(request));
            thread.join()
        });
        match ended {
            Ok(result) => Ok(result?),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl Drop for Driver {
    /// Without waiting, which must not be done inside something asynchronous.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn surroundings<'a>(context: &Context<'a>) -> Surroundings<'a> {
    Surroundings {
        client: Client::new(Options {
            timeout: context.timeout.max(SHORTEST),
            ..Options::default()
        }),
        variable: context.variable,
        now: context.clock.now(),
    }
}

const fn new_key(algorithm: KeyAlgorithm) -> NewKey {
    match algorithm {
        KeyAlgorithm::EcdsaP256 => NewKey::Kind(KeyKind::EcdsaP256),
        KeyAlgorithm::EcdsaP384 => NewKey::Kind(KeyKind::EcdsaP384),
        KeyAlgorithm::EcdsaP521 => NewKey::Kind(KeyKind::EcdsaP521),
        KeyAlgorithm::Ed25519 => NewKey::Kind(KeyKind::Ed25519),
        KeyAlgorithm::Rsa2048 => NewKey::Rsa(RsaSize::Bits2048),
        KeyAlgorithm::Rsa3072 => NewKey::Rsa(RsaSize::Bits3072),
        KeyAlgorithm::Rsa4096 => NewKey::Rsa(RsaSize::Bits4096),
    }
}

/// What a service is given at least.
pub(super) const SHORTEST: Duration = Duration::from_secs(5);
