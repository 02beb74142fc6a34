//! The cryptography alone, in a loop in this process: what the figures are ratios to.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use sealwright_core::Digest;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;

use crate::bundles::Work;
use crate::child::Sample;
use crate::child::own_cpu;

/// A key, a signed message, and bytes to hash.
pub(crate) struct Cryptography {
    work: Work,
    public_key: PublicKey,
    signature: Vec<u8>,
    bytes: Vec<u8>,
}

impl Cryptography {
    pub(crate) fn new(work: Work) -> anyhow::Result<Self> {
        let key = SigningKey::generate(SCHEME)?;
        Ok(Self {
            work,
            signature: key.sign(MESSAGE)?,
            public_key: key.public_key().clone(),
            bytes: vec![7; work.hashed],
        })
    }

    /// The verifications and hashes of one `verify`; the mean of many.
    pub(crate) fn verify(&self) -> anyhow::Result<Sample> {
        mean(|| self.check())
    }

    /// The signatures of one `seal`, the verifications and hashes of checking it, and two small
    /// files written and synced in `directory`; the mean of many.
    pub(crate) fn seal(&self, directory: &Path) -> anyhow::Result<Sample> {
        let path = directory.join(".synced");
        mean(|| {
            let key = SigningKey::generate(SCHEME)?;
            for _ in 0..self.work.signatures {
                std::hint::black_box(key.sign(MESSAGE)?);
            }
            for _ in 0..2 {
                let mut file = File::create(&path)?;
                file.write_all(MESSAGE)?;
                file.sync_all()?;
            }
            self.check()
        })
    }

    fn check(&self) -> anyhow::Result<()> {
        std::hint::black_box(Digest::sha256(&self.bytes));
        for _ in 0..self.work.verifications {
            self.public_key
                .verify(SCHEME, MESSAGE, &self.signature)
                .map_err(anyhow::Error::msg)?;
        }
        Ok(())
    }
}

fn mean(mut work: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Sample> {
    let (cpu, started) = (own_cpu()?, Instant::now());
    for _ in 0..TIMES {
        work()?;
    }
    Ok(Sample {
        cpu: (own_cpu()? - cpu) / f64::from(TIMES),
        wall: started.elapsed().as_secs_f64() / f64::from(TIMES),
        peak: 0.0,
    })
}

const TIMES: u32 = 20;
const SCHEME: SignatureScheme = SignatureScheme::EcdsaP256Sha256;
const MESSAGE: &[u8] = &[3; 1024];
