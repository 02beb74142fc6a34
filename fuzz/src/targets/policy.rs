//! Policies in CUE and Rego. The bytes are a statement and a policy, a zero byte between them.

use sealwright_policy::Outcome;
use sealwright_policy::Policy;
use sealwright_policy::PolicyLanguage;
use sealwright_policy::Presence;
use serde_json::Value;

pub(super) fn cue(data: &[u8]) {
    let (statement, policy) = parts(data);
    let Ok(policy) = Policy::parse(PolicyLanguage::Cue, "p.cue", policy) else {
        return;
    };
    let lax = policy.evaluate(&statement);
    let strict = policy.evaluate_with(&statement, Presence::Require);
    // Who asks for more is never satisfied with less.
    assert!(lax.is_satisfied() || !strict.is_satisfied());
    if let Outcome::Violated { reasons } = lax {
        assert!(!reasons.is_empty());
    }
}

pub(super) fn rego(data: &[u8]) {
    let (statement, policy) = parts(data);
    if let Ok(policy) = Policy::parse(PolicyLanguage::Rego, "p.rego", policy) {
        let _ = policy.evaluate(&statement);
    }
}

fn parts(data: &[u8]) -> (Value, &[u8]) {
    let end = data.iter().position(|byte| *byte == 0).unwrap_or(0);
    let (statement, policy) = data.split_at(end);
    let statement = serde_json::from_slice(statement).unwrap_or(Value::Null);
    (statement, policy.strip_prefix(&[0]).unwrap_or(policy))
}
