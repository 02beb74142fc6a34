//! Which fields a definition leaves room for.
//!
//! Whoever refers to a definition gets a group; what the definition says, at every depth, belongs to
//! it. A struct of a group that closes may have the fields which structs of that group declare, and no
//! others. What embeds a definition belongs to its group too, and so may declare more.

use std::rc::Rc;

use crate::cue::syntax::Label;
use crate::cue::syntax::StructLit;

/// The membership of an expression in a group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Group {
    pub(crate) id: u32,
    /// Whether it holds for what is within, too.
    pub(crate) deep: bool,
    /// Whether the expression closes the struct, or only adds to what is allowed.
    pub(crate) closes: bool,
}

pub(crate) type Groups = Rc<[Group]>;

/// The groups with some more.
pub(crate) fn and(groups: &Groups, more: &[Group]) -> Groups {
    match more {
        [] => Rc::clone(groups),
        more => groups.iter().chain(more).copied().collect(),
    }
}

/// The groups of what is within.
pub(crate) fn within(groups: &Groups) -> Groups {
    match groups.iter().all(|group| group.deep) {
        true => Rc::clone(groups),
        false => groups.iter().filter(|group| group.deep).copied().collect(),
    }
}

/// Whether a struct with these parts may have a regular field. The patterns of a part are asked for
/// by `matches`, which is given the part's index.
pub(crate) fn allows<E>(
    parts: &[(&StructLit, Groups)],
    label: &str,
    mut matches: impl FnMut(usize) -> Result<bool, E>,
) -> Result<bool, E> {
    let mut judged: Vec<u32> = Vec::new();
    for (_, groups) in parts {
        for closing in groups.iter().filter(|group| group.closes) {
            if judged.contains(&closing.id) {
                continue;
            }
            judged.push(closing.id);
            let mut allowed = false;
            for (index, (lit, groups)) in parts.iter().enumerate() {
                if !groups.iter().any(|group| group.id == closing.id) {
                    continue;
                }
                let declared = |wanted: &str| {
                    lit.fields
                        .iter()
                        .any(|field| matches!(&field.label, Label::Regular(name) if name == wanted))
                };
                allowed = allowed || lit.open || declared(label) || matches(index)?;
            }
            if !allowed {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
