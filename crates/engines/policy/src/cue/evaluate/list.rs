//! Lists, and what functions say of whole lists and structs.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use crate::Position;
use crate::cue::Fault;
use crate::cue::builtin::Validator;
use crate::cue::closed;
use crate::cue::closed::Groups;
use crate::cue::evaluate::Conjunct;
use crate::cue::evaluate::EnvId;
use crate::cue::evaluate::Evaluation;
use crate::cue::evaluate::NodeId;
use crate::cue::evaluate::State;
use crate::cue::evaluate::Step;
use crate::cue::number::Number;
use crate::cue::scalar::Scalar;
use crate::cue::syntax::Label;
use crate::cue::syntax::ListLit;
use crate::cue::syntax::Tail;

type Part<'a> = (&'a ListLit, Option<EnvId>, Groups, Position);

impl<'a> Evaluation<'a> {
    pub(super) fn list(
        &mut self,
        id: NodeId,
        parts: &[Part<'a>],
        data: &[&'a Value],
    ) -> Result<(), Fault> {
        self.at_mut(id)?.state = State::Opened;
        let arrays: Vec<&'a [Value]> = data
            .iter()
            .filter_map(|value| value.as_array().map(Vec::as_slice))
            .collect();
        let mut length = arrays.first().map(|array| array.len());
        let mut lengths: Vec<(usize, bool, Option<Position>)> = arrays
            .iter()
            .map(|array| (array.len(), true, None))
            .collect();
        for (lit, _, _, position) in parts {
            let exact = matches!(lit.tail, Tail::Closed);
            lengths.push((lit.elements.len(), exact, Some(*position)));
            if exact && length.is_none() {
                length = Some(lit.elements.len());
            }
        }
        let least = lengths.iter().map(|(least, ..)| *least).max().unwrap_or(0);
        let length = length.unwrap_or(least);
        for (wanted, exact, position) in &lengths {
            if (*exact && *wanted != length) || *wanted > length {
                let more = if *exact { "" } else { " or more" };
                let reason = format!("found {length} elements, wanted {wanted}{more}");
                self.contradict(id, reason, *position)?;
                return Ok(());
            }
        }
        for index in 0..length {
            self.tick()?;
            let values: Vec<&'a Value> =
                arrays.iter().filter_map(|array| array.get(index)).collect();
            let mut conjuncts = Vec::new();
            for (lit, env, groups, _) in parts {
                let expr = match (lit.elements.get(index), &lit.tail) {
                    (Some(element), _) => element,
                    (None, Tail::Each(each)) => each,
                    (None, Tail::Any | Tail::Closed) => continue,
                };
                let groups = closed::within(groups);
                conjuncts.push(Conjunct {
                    expr,
                    env: *env,
                    groups,
                });
            }
            // One value that nothing else describes needs no look.
            if conjuncts.is_empty() && values.len() < 2 {
                continue;
            }
            let element = self.node(Some(id), Step::Element(index))?;
            let node = self.at_mut(element)?;
            node.data = values;
            node.conjuncts = conjuncts;
            self.at_mut(id)?.elements.push(element);
        }
        Ok(())
    }

    /// Whether a list or struct satisfies what a function says of it.
    pub(super) fn parts_admit(
        &self,
        id: NodeId,
        validator: &Validator,
        data: &[&Value],
        position: Position,
    ) -> Result<bool, Fault> {
        let undecidable = || {
            let reason = format!("{validator} of something that the statement has not");
            Fault::Undecidable(position, reason)
        };
        Ok(match (validator, data) {
            (Validator::MaxItems(most), [Value::Array(items)]) => items.len() <= *most,
            (Validator::MinItems(least), [Value::Array(items)]) => items.len() >= *least,
            (Validator::ListContains(wanted), [Value::Array(items)]) => items
                .iter()
                .any(|item| Scalar::of_json(item).as_ref() == Some(wanted)),
            (Validator::UniqueItems, [Value::Array(items)]) => {
                let mut seen = BTreeSet::new();
                items.iter().all(|item| seen.insert(key(item)))
            }
            (Validator::MaxFields(_) | Validator::MinFields(_), [Value::Object(object)]) => {
                let more = self.at(id)?.fields.keys().filter(|label| match label {
                    Label::Regular(name) => !object.contains_key(name),
                    Label::Definition(_) | Label::Hidden(_) => false,
                });
                let count = object.len() + more.count();
                match validator {
                    Validator::MaxFields(most) => count <= *most,
                    Validator::MinFields(least) => count >= *least,
                    _ => return Err(undecidable()),
                }
            }
            _ => return Err(undecidable()),
        })
    }
}

/// A text that equal values share, and others do not.
fn key(value: &Value) -> Rc<str> {
    fn write(value: &Value, text: &mut String) {
        match value {
            Value::Number(number) => match Number::of_json(number) {
                Some(read) => text.push_str(&read.to_string()),
                None => text.push_str(&number.to_string()),
            },
            Value::Array(items) => {
                text.push('[');
                for item in items {
                    write(item, text);
                    text.push(',');
                }
                text.push(']');
            }
            Value::Object(object) => {
                let mut fields: Vec<_> = object.iter().collect();
                fields.sort_by_key(|(name, _)| *name);
                text.push('{');
                for (name, value) in fields {
                    text.push_str(&Value::from(name.as_str()).to_string());
                    text.push(':');
                    write(value, text);
                    text.push(',');
                }
                text.push('}');
            }
            value => text.push_str(&value.to_string()),
        }
    }
    let mut text = String::new();
    write(value, &mut text);
    text.into()
}
