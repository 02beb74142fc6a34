//! Whether a statement must have what a CUE policy says of it.

/// What becomes of a field that a CUE policy declares and the statement lacks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Presence {
    /// It counts as if the statement had it: so CUE unifies, and so cosign does.
    #[default]
    Ignore,
    /// It is a violation when it is a part of the statement (`predicate`, `predicateType`,
    /// `subject`, `_type`), unless the policy says that it may be absent (`name?:`).
    Require,
}
