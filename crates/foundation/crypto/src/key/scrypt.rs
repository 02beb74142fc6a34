//! scrypt (RFC 7914) at a cost that somebody else chose: bounded in memory and time.

use scrypt::Params;

use crate::Error;

/// N, r and p within the bounds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Cost {
    log_n: u8,
    r: u32,
    p: u32,
}

impl Cost {
    /// What cosign writes: 64 MiB.
    pub(super) const COSIGN: Self = Self {
        log_n: 16,
        r: 8,
        p: 1,
    };

    /// # Errors
    /// `key.encryption-unsupported` when N is no power of two, or the three would need more than
    /// 128 MiB or eight times the work of cosign's.
    pub(super) fn new(n: u64, r: u64, p: u64) -> Result<Self, Error> {
        let within = || {
            let blocks = n.checked_mul(r)?;
            let power = n >= 2 && n.is_power_of_two();
            let cheap = (1..=MAX_BLOCKS).contains(&blocks)
                && (1..=MAX_WORK).contains(&blocks.checked_mul(p)?);
            (power && cheap).then_some(())?;
            Some(Self {
                log_n: u8::try_from(n.trailing_zeros()).ok()?,
                r: u32::try_from(r).ok()?,
                p: u32::try_from(p).ok()?,
            })
        };
        within().ok_or_else(|| Error::EncryptionUnsupported {
            algorithm: format!("scrypt of cost N={n}, r={r}, p={p}"),
        })
    }

    pub(super) const fn n(self) -> u64 {
        1 << self.log_n
    }

    pub(super) const fn r(self) -> u32 {
        self.r
    }

    pub(super) const fn p(self) -> u32 {
        self.p
    }

    /// Fills `key` from a password.
    pub(super) fn derive(self, password: &[u8], salt: &[u8], key: &mut [u8]) -> Result<(), Error> {
        let failed = || Error::EncryptionUnsupported {
            algorithm: format!("scrypt of cost N={}, r={}, p={}", self.n(), self.r, self.p),
        };
        let params = Params::new(self.log_n, self.r, self.p).map_err(|_| failed())?;
        scrypt::scrypt(password, salt, &params, key).map_err(|_| failed())
    }
}

/// N * r: 128 bytes of memory each, 128 MiB in all.
const MAX_BLOCKS: u64 = 1 << 20;
/// N * r * p.
const MAX_WORK: u64 = 1 << 22;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_bounded() {
        for (n, r, p) in [
            (65536, 8, 1),
            (32768, 8, 1),
            (131_072, 8, 1),
            (65536, 8, 8),
            (2, 1, 1),
        ] {
            let cost = Cost::new(n, r, p).unwrap();
            assert_eq!(
                (cost.n(), u64::from(cost.r()), u64::from(cost.p())),
                (n, r, p)
            );
        }
        for (n, r, p) in [
            (262_144, 8, 1),
            (65536, 17, 1),
            (65536, 8, 9),
            (65537, 8, 1),
            (1, 8, 1),
            (0, 8, 1),
            (65536, 0, 1),
            (65536, 8, 0),
            (1 << 63, 2, 1),
            (2, u64::MAX, 1),
            (2, 1, u64::MAX),
        ] {
            assert!(Cost::new(n, r, p).is_err(), "{n} {r} {p}");
        }
    }

    #[test]
    fn derives_as_rfc_7914_says() {
        // Section 12, second vector, in its first bytes.
        let mut key = [0; 8];
        Cost::new(1024, 8, 16)
            .unwrap()
            .derive(b"password", b"NaCl", &mut key)
            .unwrap();
        assert_eq!(key, [0xfd, 0xba, 0xbe, 0x1c, 0x9d, 0x34, 0x72, 0x00]);
    }
}
