//! Structs: fields of the policy and of the statement, side by side.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use crate::Position;
use crate::cue::Fault;
use crate::cue::closed;
use crate::cue::closed::Group;
use crate::cue::closed::Groups;
use crate::cue::evaluate::Body;
use crate::cue::evaluate::Conjunct;
use crate::cue::evaluate::Env;
use crate::cue::evaluate::EnvId;
use crate::cue::evaluate::Evaluation;
use crate::cue::evaluate::NodeId;
use crate::cue::evaluate::State;
use crate::cue::evaluate::Step;
use crate::cue::scalar::Constraint;
use crate::cue::scalar::Scalar;
use crate::cue::scalar::Types;
use crate::cue::syntax::Expr;
use crate::cue::syntax::Field;
use crate::cue::syntax::Kind;
use crate::cue::syntax::Label;
use crate::cue::syntax::Need;
use crate::cue::syntax::StructLit;

type Part<'a> = (&'a StructLit, Option<EnvId>, Groups, Position);

/// Fields that are there only if something else makes them.
type Optional<'a> = (&'a Field, EnvId, Groups);

impl<'a> Evaluation<'a> {
    pub(super) fn structure(
        &mut self,
        id: NodeId,
        parts: Vec<Part<'a>>,
        data: &[&'a Value],
    ) -> Result<(), Fault> {
        self.at_mut(id)?.state = State::Opened;
        let mut optional: Vec<Optional<'a>> = Vec::new();
        let mut opened: Vec<(&'a StructLit, Groups)> = Vec::new();
        let mut envs: Vec<EnvId> = Vec::new();
        let mut waiting: Vec<Part<'a>> = parts;
        while !waiting.is_empty() {
            let mut embedded = Vec::new();
            for (lit, parent, groups, _) in std::mem::take(&mut waiting) {
                self.envs.push(Env {
                    lit,
                    node: id,
                    parent,
                });
                let env = self.envs.len() - 1;
                let mut groups = groups;
                for expr in &lit.embeds {
                    self.groups += 1;
                    let conjunct = Conjunct {
                        expr,
                        env: Some(env),
                        groups: Rc::clone(&groups),
                    };
                    embedded.push((conjunct, self.groups));
                }
                let adds: Vec<Group> = embedded
                    .iter()
                    .filter(|(conjunct, _)| conjunct.env == Some(env))
                    .map(|(_, id)| Group {
                        id: *id,
                        deep: true,
                        closes: false,
                    })
                    .collect();
                groups = closed::and(&groups, &adds);
                for field in &lit.fields {
                    let within = closed::within(&groups);
                    match field.need {
                        Need::Regular => {
                            let child = self.field(id, &field.label)?;
                            self.at_mut(child)?.conjuncts.push(Conjunct {
                                expr: &field.value,
                                env: Some(env),
                                groups: within,
                            });
                        }
                        Need::Optional | Need::Required => optional.push((field, env, within)),
                    }
                }
                opened.push((lit, groups));
                envs.push(env);
            }
            for (conjunct, group) in embedded {
                let position = conjunct.expr.position;
                let mut leaves = Vec::new();
                self.follow_embedded(id, &conjunct, group, &mut leaves)?;
                for leaf in leaves {
                    match leaf.body {
                        Body::Struct(lit) => {
                            waiting.push((lit, leaf.env, leaf.groups, leaf.position))
                        }
                        _ => {
                            let construct =
                                "embedding anything but a struct beside fields".to_owned();
                            return Err(Fault::Unsupported(position, construct));
                        }
                    }
                }
            }
        }
        // What is embedded may refer to parts of the statement, which then belong here as well.
        let all = self.at(id)?.data.clone();
        let data = if all.len() > data.len() {
            all
        } else {
            data.to_vec()
        };
        self.fill(id, &data, &optional, &opened, &envs)
    }

    /// Brings the fields of the statement, optional fields and patterns to the fields that are there.
    fn fill(
        &mut self,
        id: NodeId,
        data: &[&'a Value],
        optional: &[Optional<'a>],
        opened: &[(&'a StructLit, Groups)],
        envs: &[EnvId],
    ) -> Result<(), Fault> {
        let mut found: BTreeSet<&'a str> = BTreeSet::new();
        for value in data {
            let Value::Object(object) = value else {
                let reason = "a struct is unified with something else".to_owned();
                return Err(Fault::Undecidable(self.position(id), reason));
            };
            for (name, value) in object {
                self.tick()?;
                found.insert(name);
                let label = Label::Regular(name.clone());
                // One value that nothing else describes needs no look.
                let described = self.at(id)?.fields.contains_key(&label)
                    || optional.iter().any(|(field, ..)| field.label == label)
                    || data.len() > 1;
                if described {
                    let child = self.field(id, &label)?;
                    self.at_mut(child)?.data.push(value);
                }
            }
        }
        for (field, env, groups) in optional {
            let Some(child) = self.at(id)?.fields.get(&field.label).copied() else {
                // A definition is a description; what refers to it must have the field.
                if field.need == Need::Required && !self.at(id)?.in_definition {
                    let reason = format!("field {:?} is required", field.label.text());
                    self.contradict(id, reason, Some(field.position))?;
                }
                continue;
            };
            self.at_mut(child)?.conjuncts.push(Conjunct {
                expr: &field.value,
                env: Some(*env),
                groups: Rc::clone(groups),
            });
        }
        let mut names: BTreeSet<String> = found.iter().map(|name| (*name).to_owned()).collect();
        for label in self.at(id)?.fields.keys() {
            if let Label::Regular(name) = label {
                names.insert(name.clone());
            }
        }
        for name in &names {
            self.patterns(id, name, data, opened, envs)?;
            let allowed = closed::allows(opened, name, |index| {
                let Some((lit, env)) = opened.get(index).map(|part| part.0).zip(envs.get(index))
                else {
                    return Ok(false);
                };
                for (pattern, _) in &lit.patterns {
                    if self.covers(pattern, *env, name)? {
                        return Ok(true);
                    }
                }
                Ok::<_, Fault>(false)
            })?;
            if !allowed {
                let position = opened.first().map(|_| self.position(id));
                let reason = format!("field {name:?} is not allowed");
                self.contradict(id, reason, position)?;
            }
        }
        Ok(())
    }

    /// Adds what patterns say of a field.
    fn patterns(
        &mut self,
        id: NodeId,
        name: &str,
        data: &[&'a Value],
        opened: &[(&'a StructLit, Groups)],
        envs: &[EnvId],
    ) -> Result<(), Fault> {
        for ((lit, groups), env) in opened.iter().zip(envs) {
            for (pattern, value) in &lit.patterns {
                self.tick()?;
                if !self.covers(pattern, *env, name)? {
                    continue;
                }
                let label = Label::Regular(name.to_owned());
                let known = self.at(id)?.fields.contains_key(&label);
                let child = self.field(id, &label)?;
                let node = self.at_mut(child)?;
                if !known {
                    node.data
                        .extend(data.iter().filter_map(|value| value.get(name)));
                }
                node.conjuncts.push(Conjunct {
                    expr: value,
                    env: Some(*env),
                    groups: closed::within(groups),
                });
            }
        }
        Ok(())
    }

    /// Whether a pattern covers the name of a field.
    fn covers(&mut self, pattern: &'a Expr, env: EnvId, name: &str) -> Result<bool, Fault> {
        self.tick()?;
        let position = pattern.position;
        match &pattern.kind {
            Kind::Top => Ok(true),
            Kind::String(text) => Ok(text == name),
            Kind::Reference(text) if Types::named(text).is_some() => {
                let types = Types::named(text).map(|(types, _)| types);
                Ok(types.is_some_and(|types| types.contains(Types::STRING)))
            }
            Kind::And(parts) => {
                for part in parts {
                    if !self.covers(part, env, name)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Kind::Or(alternatives) => {
                for alternative in alternatives {
                    if self.covers(&alternative.value, env, name)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Kind::Bound(bound, operand) => {
                let operand = Conjunct {
                    expr: operand,
                    env: Some(env),
                    groups: Rc::new([]),
                };
                let operand = self.concrete_expr(operand)?;
                match Constraint::bound(*bound, operand, position)? {
                    Ok(constraint) => constraint.admits(&Scalar::String(name.to_owned()), position),
                    Err(reason) => Err(Fault::Malformed(position, reason)),
                }
            }
            _ => Err(Fault::Unsupported(
                position,
                "this pattern of fields".to_owned(),
            )),
        }
    }

    /// The node of a field, made when there is none.
    fn field(&mut self, id: NodeId, label: &Label) -> Result<NodeId, Fault> {
        if let Some(known) = self.at(id)?.fields.get(label) {
            return Ok(*known);
        }
        let child = self.node(Some(id), Step::Field(label.clone()))?;
        self.at_mut(id)?.fields.insert(label.clone(), child);
        Ok(child)
    }
}
