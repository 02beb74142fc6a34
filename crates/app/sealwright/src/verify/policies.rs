//! Policies over the statements that prove required claims.

use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Class;
use sealwright_files as files;
use sealwright_policy::MAX_POLICY_SIZE;
use sealwright_policy::Outcome;
use sealwright_policy::Policy;
use sealwright_policy::PolicyLanguage;
use sealwright_policy::Presence;
use sealwright_sigstore::CheckOutcome;

use crate::ClaimKind;
use crate::Error;
use crate::Failure;
use crate::JudgedEvidence;
use crate::JudgedPolicy;
use crate::RequiredClaim;

/// Policies, read once for all targets.
#[derive(Debug, Default)]
pub(crate) struct Policies(Vec<Policy>);

impl Policies {
    /// Reads the files. A file's language is told by its name.
    pub(crate) fn load(paths: &[PathBuf]) -> Result<Self, Failure> {
        paths
            .iter()
            .map(|path| read(path))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What `require` leaves for policies to judge must be more than a signature, which says nothing.
    pub(crate) fn check(&self, require: &[RequiredClaim], is_named: bool) -> Result<(), Failure> {
        let judges = (require.is_empty() && is_named) || require.iter().any(is_stated);
        match self.0.is_empty() || judges {
            true => Ok(()),
            false => Err(Error::PolicyWithoutClaim.into()),
        }
    }

    /// Judges the accepted evidence that makes a required claim; what violates a policy is accepted
    /// no more.
    pub(crate) fn judge(&self, require: &[RequiredClaim], evidence: &mut [JudgedEvidence]) {
        for judged in evidence {
            let concerned = judged.problem.is_none()
                && (require.is_empty()
                    || require
                        .iter()
                        .any(|claim| is_stated(claim) && claim.is_made_by(judged)));
            if concerned {
                for policy in &self.0 {
                    self::judge(policy, judged);
                }
            }
        }
    }
}

/// Whether it is claimed by a statement that says something.
fn is_stated(claim: &RequiredClaim) -> bool {
    *claim != RequiredClaim::Kind(ClaimKind::Signature)
}

fn read(path: &Path) -> Result<Policy, Failure> {
    let name = path.display().to_string();
    let language = PolicyLanguage::of_file_name(&name)
        .ok_or_else(|| Error::PolicyLanguage(path.to_owned()))?;
    let bytes = files::read_limited_or_pipe(path, MAX_POLICY_SIZE)?;
    Ok(Policy::parse(language, &name, &bytes)?)
}

fn judge(policy: &Policy, judged: &mut JudgedEvidence) {
    let statement = judged.statement.as_ref().map(serde_json::to_value);
    let outcome = match statement {
        Some(Ok(statement)) => policy.evaluate_with(&statement, Presence::Require),
        Some(Err(error)) => {
            judged.problem = Some(Failure::from(Error::Encode(error)).to_problem());
            return;
        }
        None => Outcome::Violated {
            reasons: Vec::new(),
        },
    };
    let (outcome, reasons, problem) = match outcome {
        Outcome::Satisfied => (CheckOutcome::Passed, Vec::new(), None),
        Outcome::Violated { reasons } => {
            let mut reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            if reasons.is_empty() {
                reasons.push("this evidence is a bare signature and no statement".to_owned());
            }
            let error = Error::PolicyViolated {
                policy: policy.name().to_owned(),
                reasons: reasons.clone(),
            };
            (
                CheckOutcome::Failed,
                reasons,
                Some(Failure::from(error).to_problem()),
            )
        }
        Outcome::Undecided(error) => {
            let reasons = vec![error.to_string()];
            (
                CheckOutcome::Undecided,
                reasons,
                Some(Failure::from(error).to_problem()),
            )
        }
    };
    judged.policies.push(JudgedPolicy {
        policy: policy.name().to_owned(),
        language: policy.language().name(),
        outcome,
        reasons,
    });
    // A no before a don't-know.
    let decides = match (&judged.problem, &problem) {
        (None, _) => true,
        (Some(old), Some(new)) => old.class != Class::Rejected && new.class == Class::Rejected,
        (Some(_), None) => false,
    };
    if decides {
        judged.problem = problem;
    }
}
