//! The state of a source repository, as found on the machine that seals.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use sealwright_core::RepositoryUrl;
use sealwright_core::ResourceDescriptor;

/// A commit of a Git repository: 40 hexadecimal digits, or 64 in a SHA-256 repository.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CommitId(String);

impl CommitId {
    /// The digits, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CommitId {
    type Err = InvalidCommitId;

    fn from_str(text: &str) -> Result<Self, InvalidCommitId> {
        let digits = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
        if digits {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidCommitId(text.to_owned()))
        }
    }
}

/// Text that is no commit id.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("commit id is {0:?}, wanted 40 or 64 hexadecimal digits")]
pub struct InvalidCommitId(String);

/// The repository an artifact stands in or was built from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    /// The commit checked out.
    pub commit: CommitId,
    /// Where the repository can be found, when it says so.
    pub repository: Option<RepositoryUrl>,
    /// The branch or tag checked out, fully named (`refs/heads/main`).
    pub reference: Option<String>,
    /// Whether files differ from the commit.
    pub work_tree: WorkTree,
}

impl Source {
    /// The source as a dependency: where, and the commit as its digest.
    pub(crate) fn descriptor(&self) -> ResourceDescriptor {
        let reference = self.reference.as_deref();
        let uri = self
            .repository
            .as_ref()
            .map(|repository| repository.locator(reference));
        git_dependency(uri.unwrap_or_default(), &self.commit)
    }
}

/// Whether the files checked out are those of the commit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WorkTree {
    /// Every tracked file is as committed.
    Clean,
    /// Some tracked file is changed, added or removed.
    Modified,
    /// Nobody looked, or looking failed.
    Unknown,
}

impl WorkTree {
    /// The word used in provenance.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Modified => "modified",
            Self::Unknown => "unknown",
        }
    }
}

/// A commit as a dependency; the digest key is the in-toto digest set's `gitCommit`.
pub(crate) fn git_dependency(uri: String, commit: &CommitId) -> ResourceDescriptor {
    ResourceDescriptor {
        uri,
        digest: BTreeMap::from([("gitCommit".to_owned(), commit.to_string())]),
        ..ResourceDescriptor::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_id_is_all_hexadecimal_digits_of_one_hash() {
        let digits = "A94a8fe5ccb19ba61c4c0873d391e987982fbbd3";
        let commit: CommitId = digits.parse().unwrap();
        assert_eq!(commit.as_str(), digits.to_ascii_lowercase());
        for wrong in [
            "",
            "HEAD",
            &digits[1..],
            "z94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
        ] {
            assert!(wrong.parse::<CommitId>().is_err(), "{wrong}");
        }
    }
}
