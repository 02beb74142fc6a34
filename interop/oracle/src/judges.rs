//! Which peers judge.

/// A peer.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Judge {
    /// The crate sigstore-verify: every case.
    Rust,
    /// PyPI's sigstore: a sample.
    Python,
}

impl Judge {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "sigstore-verify",
            Self::Python => "sigstore-python",
        }
    }
}
