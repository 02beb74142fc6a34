//! What expressions refer to: names, selectors, functions.

use std::rc::Rc;

use serde_json::Value;

use crate::Position;
use crate::cue::Fault;
use crate::cue::builtin;
use crate::cue::builtin::Applied;
use crate::cue::closed;
use crate::cue::closed::Group;
use crate::cue::evaluate::Body;
use crate::cue::evaluate::Conjunct;
use crate::cue::evaluate::EnvId;
use crate::cue::evaluate::Evaluation;
use crate::cue::evaluate::Leaf;
use crate::cue::evaluate::NodeId;
use crate::cue::evaluate::Outcome;
use crate::cue::evaluate::State;
use crate::cue::evaluate::Step;
use crate::cue::number::Number;
use crate::cue::scalar::Constraint;
use crate::cue::scalar::Scalar;
use crate::cue::scalar::Types;
use crate::cue::syntax::Bound;
use crate::cue::syntax::Expr;
use crate::cue::syntax::Kind;
use crate::cue::syntax::Label;
use crate::cue::syntax::Package;

/// What a name stands for.
enum Named<'a> {
    Expr(&'a Expr, EnvId),
    Node(NodeId),
    Package(Package),
    Types(Types, Option<(i128, i128)>),
}

impl<'a> Evaluation<'a> {
    /// Follows an expression to what describes the node in the end.
    pub(super) fn follow(
        &mut self,
        id: NodeId,
        conjunct: &Conjunct<'a>,
        leaves: &mut Vec<Leaf<'a>>,
        followed: &mut Vec<NodeId>,
    ) -> Result<(), Fault> {
        self.tick()?;
        self.enter()?;
        self.follow_one(id, conjunct, None, leaves, followed)?;
        self.depth -= 1;
        Ok(())
    }

    /// Follows what a struct embeds; a definition among it closes the struct by the group.
    pub(super) fn follow_embedded(
        &mut self,
        id: NodeId,
        conjunct: &Conjunct<'a>,
        group: u32,
        leaves: &mut Vec<Leaf<'a>>,
    ) -> Result<(), Fault> {
        self.tick()?;
        self.enter()?;
        self.follow_one(id, conjunct, Some(group), leaves, &mut Vec::new())?;
        self.depth -= 1;
        Ok(())
    }

    fn follow_one(
        &mut self,
        id: NodeId,
        conjunct: &Conjunct<'a>,
        group: Option<u32>,
        leaves: &mut Vec<Leaf<'a>>,
        followed: &mut Vec<NodeId>,
    ) -> Result<(), Fault> {
        let Conjunct { expr, env, groups } = conjunct;
        let (expr, env) = (*expr, *env);
        let leaf = |body: Body<'a>| Leaf {
            position: expr.position,
            body,
            env,
            groups: Rc::clone(groups),
        };
        let value = |value: Scalar| leaf(Body::Constraint(Constraint::Value(value)));
        match &expr.kind {
            Kind::Top => {}
            Kind::Null => leaves.push(value(Scalar::Null)),
            Kind::Bool(given) => leaves.push(value(Scalar::Bool(*given))),
            Kind::Number(number) => leaves.push(value(Scalar::Number(number.clone()))),
            Kind::String(text) => leaves.push(value(Scalar::String(text.clone()))),
            Kind::List(list) => leaves.push(leaf(Body::List(list))),
            Kind::Or(alternatives) => leaves.push(leaf(Body::Or(alternatives))),
            Kind::And(parts) => {
                for part in parts {
                    let conjunct = Conjunct {
                        expr: part,
                        env,
                        groups: Rc::clone(groups),
                    };
                    self.follow(id, &conjunct, leaves, followed)?;
                }
            }
            Kind::Struct(lit) => match lit.alone() {
                Some(only) if lit.lets.is_empty() => {
                    let conjunct = Conjunct {
                        expr: only,
                        env,
                        groups: Rc::clone(groups),
                    };
                    self.follow_one(id, &conjunct, group, leaves, followed)?;
                }
                _ => leaves.push(leaf(Body::Struct(lit))),
            },
            Kind::Bound(bound, operand) => {
                let operand = Conjunct {
                    expr: operand,
                    env,
                    groups: Rc::clone(groups),
                };
                let operand = self.concrete_expr(operand)?;
                leaves.push(leaf(
                    match Constraint::bound(*bound, operand, expr.position)? {
                        Ok(constraint) => Body::Constraint(constraint),
                        Err(reason) => Body::Never(reason),
                    },
                ));
            }
            Kind::Reference(name) => match self.lookup(name, env, expr.position)? {
                Named::Expr(named, env) => {
                    let conjunct = Conjunct {
                        expr: named,
                        env: Some(env),
                        groups: Rc::clone(groups),
                    };
                    self.follow(id, &conjunct, leaves, followed)?;
                }
                Named::Node(target) => {
                    self.follow_node(id, target, conjunct, group, leaves, followed)?;
                }
                Named::Package(package) => {
                    let construct = format!("package {:?} as a value", package.name());
                    return Err(Fault::Unsupported(expr.position, construct));
                }
                Named::Types(types, range) => {
                    leaves.push(leaf(Body::Constraint(Constraint::Types(types))));
                    if let Some((low, high)) = range {
                        for (bound, end) in
                            [(Bound::GreaterOrEqual, low), (Bound::LessOrEqual, high)]
                        {
                            let end = Scalar::Number(Number::of_integer(end));
                            leaves.push(leaf(Body::Constraint(Constraint::Bound(bound, end))));
                        }
                    }
                }
            },
            Kind::Call(function, arguments) if matches!(&function.kind, Kind::Reference(name) if name == "close") =>
            {
                let [
                    Expr {
                        kind: Kind::Struct(lit),
                        position,
                    },
                ] = arguments.as_slice()
                else {
                    let construct = "close of anything but a struct".to_owned();
                    return Err(Fault::Unsupported(expr.position, construct));
                };
                self.groups += 1;
                let group = Group {
                    id: self.groups,
                    deep: false,
                    closes: true,
                };
                leaves.push(Leaf {
                    position: *position,
                    body: Body::Struct(lit),
                    env,
                    groups: closed::and(groups, &[group]),
                });
            }
            Kind::Selector(..) | Kind::Index(..) | Kind::Call(..) => match self.apply(conjunct)? {
                Some(Applied::Value(given)) => leaves.push(value(given)),
                Some(Applied::Validator(validator)) => {
                    leaves.push(leaf(Body::Constraint(Constraint::Validator(validator))));
                }
                None => {
                    let target = self.select(conjunct)?;
                    self.follow_node(id, target, conjunct, group, leaves, followed)?;
                }
            },
        }
        Ok(())
    }

    /// Everything that describes another node describes this one too.
    fn follow_node(
        &mut self,
        id: NodeId,
        target: NodeId,
        by: &Conjunct<'a>,
        group: Option<u32>,
        leaves: &mut Vec<Leaf<'a>>,
        followed: &mut Vec<NodeId>,
    ) -> Result<(), Fault> {
        if followed.contains(&target)
            || self.is_within(id, target)
            || self.is_alternative_of(id, target)?
        {
            let reason = format!("{} refers to itself", self.path(target));
            return Err(Fault::Undecidable(by.expr.position, reason));
        }
        let node = self.at(target)?;
        let (conjuncts, given, data) = (
            node.conjuncts.clone(),
            node.leaves.clone(),
            node.data.clone(),
        );
        let in_definition = node.in_definition;
        if self.is_unsettled(target)? {
            let construct = "a reference to what the struct around is still adding to".to_owned();
            return Err(Fault::Unsupported(by.expr.position, construct));
        }
        let mut groups = Rc::clone(&by.groups);
        if in_definition {
            let id = match group {
                Some(group) => group,
                None => {
                    self.groups += 1;
                    self.groups
                }
            };
            groups = closed::and(
                &groups,
                &[Group {
                    id,
                    deep: true,
                    closes: true,
                }],
            );
        }
        self.tick_by(16 + 2 * groups.len())?;
        self.at_mut(id)?.data.extend(data);
        followed.push(target);
        for leaf in given {
            leaves.push(Leaf {
                groups: closed::and(&leaf.groups, &groups),
                ..leaf
            });
        }
        for conjunct in conjuncts {
            let groups = closed::and(&conjunct.groups, &groups);
            self.follow(id, &Conjunct { groups, ..conjunct }, leaves, followed)?;
        }
        followed.pop();
        Ok(())
    }

    fn lookup(
        &self,
        name: &str,
        env: Option<EnvId>,
        position: Position,
    ) -> Result<Named<'a>, Fault> {
        let label = Label::of_identifier(name);
        let mut next = env;
        while let Some((id, env)) = next.and_then(|id| Some((id, self.envs.get(id)?))) {
            if let Some(one) = env.lit.lets.iter().find(|one| one.name == name) {
                return Ok(Named::Expr(&one.value, id));
            }
            if env.lit.fields.iter().any(|field| field.label == label) {
                return match self.at(env.node)?.fields.get(&label) {
                    Some(node) => Ok(Named::Node(*node)),
                    None => Err(Fault::Undecidable(
                        position,
                        format!("{name:?} is not there"),
                    )),
                };
            }
            next = env.parent;
        }
        if let Some(import) = self.file.imports.iter().find(|import| import.name == name) {
            return Ok(Named::Package(import.package));
        }
        match Types::named(name) {
            Some((types, range)) => Ok(Named::Types(types, range)),
            None => Err(Fault::Unsupported(
                position,
                format!("{name:?} in this place"),
            )),
        }
    }

    /// Constants and functions; `None` for a field of something.
    pub(super) fn apply(&mut self, conjunct: &Conjunct<'a>) -> Result<Option<Applied>, Fault> {
        let position = conjunct.expr.position;
        match &conjunct.expr.kind {
            Kind::Selector(base, name) => match self.package(base, conjunct.env)? {
                Some(package) => builtin::constant(package, name, position).map(Some),
                None => Ok(None),
            },
            Kind::Call(function, arguments) => {
                let mut argument = |expr: &'a Expr| {
                    self.concrete_expr(Conjunct {
                        expr,
                        ..conjunct.clone()
                    })
                };
                if let (Kind::Reference(name), [only]) = (&function.kind, arguments.as_slice())
                    && name == "len"
                {
                    if let Kind::String(_) = only.kind
                        && let Scalar::String(text) = argument(only)?
                    {
                        let length = i128::try_from(text.len()).unwrap_or(i128::MAX);
                        let length = Scalar::Number(Number::of_integer(length));
                        return Ok(Some(Applied::Value(length)));
                    }
                    let items = self.array(only, conjunct)?;
                    let length = i128::try_from(items.len()).unwrap_or(i128::MAX);
                    return Ok(Some(Applied::Value(Scalar::Number(Number::of_integer(
                        length,
                    )))));
                }
                let Kind::Selector(base, name) = &function.kind else {
                    let construct = "a call of this function".to_owned();
                    return Err(Fault::Unsupported(position, construct));
                };
                let Some(package) = self.package(base, conjunct.env)? else {
                    let construct = "a call of a field".to_owned();
                    return Err(Fault::Unsupported(position, construct));
                };
                if let (Package::List, "Contains", [list, item]) =
                    (package, name.as_str(), arguments.as_slice())
                {
                    let item = self.concrete_expr(Conjunct {
                        expr: item,
                        ..conjunct.clone()
                    })?;
                    let items = self.array(list, conjunct)?;
                    let found = items
                        .iter()
                        .any(|one| Scalar::of_json(one).as_ref() == Some(&item));
                    return Ok(Some(Applied::Value(Scalar::Bool(found))));
                }
                let mut given = Vec::new();
                for expr in arguments {
                    given.push(self.concrete_expr(Conjunct {
                        expr,
                        ..conjunct.clone()
                    })?);
                }
                builtin::call(package, name, &given, position).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The array of the statement that an expression refers to.
    fn array(&mut self, expr: &'a Expr, by: &Conjunct<'a>) -> Result<&'a [Value], Fault> {
        let unsupported = || {
            let construct = "this function of anything but an array of the statement".to_owned();
            Fault::Unsupported(expr.position, construct)
        };
        let target = match &expr.kind {
            Kind::Selector(..) | Kind::Index(..) => {
                self.select(&Conjunct { expr, ..by.clone() })?
            }
            Kind::Reference(name) => match self.lookup(name, by.env, expr.position)? {
                Named::Node(node) => node,
                _ => return Err(unsupported()),
            },
            _ => return Err(unsupported()),
        };
        self.evaluate(target)?;
        let target = self.settled(target, expr.position)?;
        match self.at(target)?.data.as_slice() {
            [Value::Array(items)] => Ok(items),
            _ => Err(unsupported()),
        }
    }

    fn package(&self, base: &Expr, env: Option<EnvId>) -> Result<Option<Package>, Fault> {
        let Kind::Reference(name) = &base.kind else {
            return Ok(None);
        };
        match self.lookup(name, env, base.position)? {
            Named::Package(package) => Ok(Some(package)),
            _ => Ok(None),
        }
    }

    /// The node of `a.b` or `a[1]`.
    fn select(&mut self, conjunct: &Conjunct<'a>) -> Result<NodeId, Fault> {
        self.tick()?;
        self.enter()?;
        let position = conjunct.expr.position;
        let (base, wanted) = match &conjunct.expr.kind {
            Kind::Selector(base, name) => (base, Step::Field(Label::of_identifier(name))),
            Kind::Index(base, index) => {
                let index = self.concrete_expr(Conjunct {
                    expr: index,
                    ..conjunct.clone()
                })?;
                let step = match index {
                    Scalar::Number(number) => number.as_count().map(Step::Element),
                    Scalar::String(name) => Some(Step::Field(Label::Regular(name))),
                    Scalar::Bool(_) | Scalar::Null => None,
                };
                let Some(step) = step else {
                    let reason = "the index is neither a count nor a name".to_owned();
                    return Err(Fault::Undecidable(position, reason));
                };
                (base, step)
            }
            Kind::Reference(name) => {
                self.depth -= 1;
                return match self.lookup(name, conjunct.env, position)? {
                    Named::Node(node) => Ok(node),
                    Named::Expr(expr, env) => {
                        let parent = self.envs.get(env).map(|env| env.node);
                        let step = Step::Field(Label::Hidden(name.clone()));
                        let node = self.node(parent, step)?;
                        let groups = Rc::clone(&conjunct.groups);
                        let conjunct = Conjunct {
                            expr,
                            env: Some(env),
                            groups,
                        };
                        self.at_mut(node)?.conjuncts.push(conjunct);
                        Ok(node)
                    }
                    Named::Package(_) | Named::Types(..) => Err(Fault::Unsupported(
                        position,
                        "a field of something that has none".to_owned(),
                    )),
                };
            }
            _ => {
                let construct = "a field of this expression".to_owned();
                return Err(Fault::Unsupported(position, construct));
            }
        };
        let base = self.select(&Conjunct {
            expr: base,
            ..conjunct.clone()
        })?;
        if self.at(base)?.state == State::Unstarted {
            self.evaluate(base)?;
        }
        let base = self.settled(base, position)?;
        self.depth -= 1;
        self.part(base, wanted, position)
    }

    /// A field or an element of a node whose fields are known.
    fn part(&mut self, base: NodeId, step: Step, position: Position) -> Result<NodeId, Fault> {
        let node = self.at(base)?;
        if node.state == State::Following {
            let reason = format!("the value of {} depends on itself", self.path(base));
            return Err(Fault::Undecidable(position, reason));
        }
        let known = match &step {
            Step::Element(index) => node.elements.iter().copied().find(|id| {
                self.nodes
                    .get(*id)
                    .is_some_and(|node| node.step == Step::Element(*index))
            }),
            Step::Field(label) => node.fields.get(label).copied(),
            Step::Root => None,
        };
        if let Some(known) = known {
            return Ok(known);
        }
        // A part of the statement that no expression describes.
        let data: Vec<&'a Value> = node
            .data
            .iter()
            .filter_map(|value| match &step {
                Step::Element(index) => value.get(*index),
                Step::Field(Label::Regular(name)) => value.get(name.as_str()),
                Step::Field(_) | Step::Root => None,
            })
            .collect();
        if data.is_empty() {
            let reason = format!("{} has no such part", self.path(base));
            return Err(Fault::Undecidable(position, reason));
        }
        let part = self.node(Some(base), step)?;
        self.at_mut(part)?.data = data;
        Ok(part)
    }

    /// The alternative that a node turned out to be, or itself.
    fn settled(&self, id: NodeId, position: Position) -> Result<NodeId, Fault> {
        let mut id = id;
        loop {
            match self.at(id)?.outcome {
                Outcome::Same(other)
                | Outcome::Ambiguous {
                    default: Some(other),
                    ..
                } => id = other,
                Outcome::Ambiguous { default: None, .. } => {
                    let reason = format!("{} has no single value", self.path(id));
                    return Err(Fault::Undecidable(position, reason));
                }
                Outcome::Parts | Outcome::Scalar(_) => return Ok(id),
            }
        }
    }

    fn is_within(&self, id: NodeId, around: NodeId) -> bool {
        let mut next = Some(id);
        while let Some(id) = next {
            if id == around {
                return true;
            }
            next = self.nodes.get(id).and_then(|node| node.parent);
        }
        false
    }

    /// Whether two nodes stand for the same place, one of them for an alternative of the other.
    fn is_alternative_of(&self, id: NodeId, other: NodeId) -> Result<bool, Fault> {
        let (one, other) = (self.at(id)?, self.at(other)?);
        Ok(one.parent == other.parent && one.step == other.step && other.state == State::Following)
    }
}
