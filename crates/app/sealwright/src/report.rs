//! What the workflows found out and did, for whoever shows it.

use std::borrow::Cow;
use std::path::PathBuf;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::Digest;
use sealwright_core::Identity;
use sealwright_core::Statement;
use sealwright_core::Target;
use sealwright_core::Timestamp;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Check;
use sealwright_sigstore::CheckOutcome;
use sealwright_sigstore::Weakening;

use crate::ClaimKind;
use crate::Failure;
use crate::Profile;
use crate::RequiredClaim;

/// What `seal` did for one target.
#[derive(Debug)]
pub struct SealedTarget {
    /// The target as it was named.
    pub target: String,
    /// The digest that was sealed.
    pub digest: Digest,
    /// What happened.
    pub outcome: SealOutcome,
    /// Under which identity; `None` when a key signs, or when nobody knows yet.
    pub identity: Option<Identity>,
    /// Who vouches for the identity, likewise.
    pub issuer: Option<String>,
    /// The SHA-256 of the key that signs, when it is one that verifiers know.
    pub key: Option<Digest>,
    /// Whether nobody checked the identity, as with the local profile.
    pub self_asserted: bool,
    /// How many logs hold each signature that is made.
    pub logged: usize,
    /// What was made, or found when unchanged.
    pub evidence: Vec<MadeEvidence>,
    /// The file that has all bundles; `None` for images.
    pub all_bundles: Option<PathBuf>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// What happened to a target.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SealOutcome {
    /// Nothing was made, because nothing was to be made.
    DryRun,
    /// The artifact had changed; its old evidence is gone.
    Replaced,
    /// Evidence was made.
    Sealed,
    /// The artifact was sealed before and has not changed; nothing was made.
    Unchanged,
}

impl SealOutcome {
    /// The name in JSON output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DryRun => "dry-run",
            Self::Replaced => "replaced",
            Self::Sealed => "sealed",
            Self::Unchanged => "unchanged",
        }
    }
}

/// One piece of evidence that exists after `seal`.
#[derive(Clone, Debug)]
pub struct MadeEvidence {
    /// What it claims.
    pub kind: ClaimKind,
    /// Predicate type of a statement.
    pub predicate_type: Option<String>,
    /// The artifact it is about: the target, or one image of an index.
    pub subject: Digest,
    /// The platform of that image, as `os/architecture[/variant]`.
    pub platform: Option<String>,
    /// Its index in the log; `None` when nothing was logged yet.
    pub log_index: Option<u64>,
    /// Where it lies: a path, or a reference with a digest.
    pub location: String,
}

/// What `verify` found about one target.
#[derive(Debug)]
pub struct JudgedTarget {
    /// The target as it was named.
    pub target: String,
    /// The digest it resolved to, when it did.
    pub digest: Option<Digest>,
    /// All evidence, judged.
    pub evidence: Vec<JudgedEvidence>,
    /// The claims that were asked for, and whether they are proved.
    pub required: Vec<(RequiredClaim, bool)>,
    /// Why the target does not pass; `None` when it is accepted.
    pub failure: Option<Failure>,
}

impl JudgedTarget {
    pub(crate) fn unjudged(target: &Target) -> Self {
        Self {
            target: target.to_string(),
            digest: None,
            evidence: Vec::new(),
            required: Vec::new(),
            failure: None,
        }
    }

    /// The decision's class; `None` when accepted.
    pub fn class(&self) -> Option<Class> {
        self.failure.as_ref().map(Failure::class)
    }
}

/// One piece of evidence and what became of it.
#[derive(Debug)]
pub struct JudgedEvidence {
    /// Where it lies.
    pub location: String,
    /// What it claims to be; trustworthy only when accepted.
    pub kind: ClaimKind,
    /// Predicate type of a statement, likewise.
    pub predicate_type: Option<String>,
    /// The artifact it was judged against.
    pub subject: Digest,
    /// The identity its certificate states, likewise.
    pub identity: Option<String>,
    /// The issuer its certificate states, likewise.
    pub issuer: Option<String>,
    /// What else its certificate says, when accepted: names as `--require-claim` takes them.
    pub certificate_claims: Vec<(&'static str, String)>,
    /// Checks that were left out because somebody said so, when accepted.
    pub weakenings: Vec<Weakening>,
    /// The SHA-256 of the key that signed it, when accepted by a key that was given.
    pub key: Option<Digest>,
    /// Its index in the log.
    pub log_index: Option<u64>,
    /// Whose root vouches for it, when accepted by one that has a name.
    pub profile: Option<Profile>,
    /// When it was signed, by the earliest verified time.
    pub signed_at: Option<Timestamp>,
    /// The checks in order, the failing one last.
    pub checks: Vec<Check>,
    /// What the policies say of it that judged it.
    pub policies: Vec<JudgedPolicy>,
    /// Why it was not accepted; `None` when it was.
    pub problem: Option<Problem>,
    /// The statement, when accepted.
    pub(crate) statement: Option<Statement>,
    /// What was judged, when it could be read.
    pub(crate) bundle: Option<Bundle>,
}

/// What a policy says of a statement.
#[derive(Clone, Debug)]
pub struct JudgedPolicy {
    /// The policy's file.
    pub policy: String,
    /// `cue` or `rego`.
    pub language: &'static str,
    /// Passed, failed or undecided.
    pub outcome: CheckOutcome,
    /// Why it did not pass. May hold untrusted text: escape it before showing it on a terminal.
    pub reasons: Vec<String>,
}

/// Why evidence was not accepted.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    /// Rejected or undecided.
    pub class: Class,
    /// What was found and wanted.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

impl Diagnostic for Problem {
    fn code(&self) -> Code {
        self.code
    }

    fn class(&self) -> Class {
        self.class
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        self.help.clone().map(Cow::Owned)
    }
}
