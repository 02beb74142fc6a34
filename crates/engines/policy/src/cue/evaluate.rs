//! Unification of a policy with a statement.
//!
//! Each field of the result is a node: the expressions that describe it, each with the structs around
//! it in which its names are looked up, and the values of the statement there. A node is evaluated
//! once. Parts of the statement that no expression describes get no node. A disjunction tries each
//! alternative in a node of its own, and those without contradiction remain.

mod list;
mod refer;
mod structure;

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::Position;
use crate::Presence;
use crate::Reason;
use crate::cue::Fault;
use crate::cue::builtin::Applied;
use crate::cue::closed::Groups;
use crate::cue::scalar::Constraint;
use crate::cue::scalar::Scalar;
use crate::cue::scalar::Types;
use crate::cue::scalar::leave_room;
use crate::cue::syntax::Alternative;
use crate::cue::syntax::Expr;
use crate::cue::syntax::File;
use crate::cue::syntax::Kind;
use crate::cue::syntax::Label;
use crate::cue::syntax::ListLit;
use crate::cue::syntax::StructLit;

/// Most steps of an evaluation.
const MAX_STEPS: usize = 1_000_000;

/// Most levels of fields, references and alternatives within each other.
const MAX_DEPTH: usize = 160;

/// Most reasons that are told.
const MAX_REASONS: usize = 20;

/// The fields of a statement.
const STATEMENT: &[&str] = &["_type", "predicate", "predicateType", "subject"];

/// Unifies; no reasons mean that nothing contradicts.
pub(crate) fn evaluate(
    file: &File,
    statement: &Value,
    presence: Presence,
) -> Result<Vec<Reason>, Fault> {
    let mut evaluation = Evaluation {
        file,
        nodes: Vec::new(),
        envs: Vec::new(),
        groups: 0,
        steps: 0,
        depth: 0,
    };
    let root = evaluation.node(None, Step::Root)?;
    let none: Groups = Rc::new([]);
    let node = evaluation.at_mut(root)?;
    node.data.push(statement);
    match file.body.alone() {
        Some(expr) if file.body.lets.is_empty() => node.conjuncts.push(Conjunct {
            expr,
            env: None,
            groups: none,
        }),
        _ => node.leaves.push(Leaf {
            position: Position { line: 1, column: 1 },
            body: Body::Struct(&file.body),
            env: None,
            groups: none,
        }),
    }
    evaluation.evaluate(root)?;
    let mut reasons = Vec::new();
    evaluation.contradictions(root, &mut reasons)?;
    if reasons.is_empty() && presence == Presence::Require {
        evaluation.absences(root, false, &mut reasons);
    }
    Ok(reasons)
}

type NodeId = usize;
type EnvId = usize;

/// The struct around an expression, whose fields it can name, and the node that it describes.
#[derive(Clone, Copy, Debug)]
struct Env<'a> {
    lit: &'a StructLit,
    node: NodeId,
    parent: Option<EnvId>,
}

/// An expression that describes a node.
#[derive(Clone, Debug)]
struct Conjunct<'a> {
    expr: &'a Expr,
    env: Option<EnvId>,
    groups: Groups,
}

/// What is left of an expression when its references are followed.
#[derive(Clone, Debug)]
struct Leaf<'a> {
    position: Position,
    body: Body<'a>,
    env: Option<EnvId>,
    groups: Groups,
}

#[derive(Clone, Debug)]
enum Body<'a> {
    Constraint(Constraint),
    List(&'a ListLit),
    /// What nothing can satisfy.
    Never(String),
    Or(&'a [Alternative]),
    Struct(&'a StructLit),
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Step {
    Element(usize),
    Field(Label),
    Root,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Unstarted,
    /// Its references are being followed.
    Following,
    /// Its fields are known, or are being added to.
    Opened,
    Done,
}

/// What a node turned out to be.
#[derive(Clone, Debug)]
enum Outcome {
    /// One of several alternatives, not told which; and the default's.
    Ambiguous {
        default: Option<NodeId>,
        remaining: Vec<NodeId>,
    },
    /// It has parts, or no value yet.
    Parts,
    /// Its value is that of the alternative which remained.
    Same(NodeId),
    Scalar(Scalar),
}

#[derive(Debug)]
struct Node<'a> {
    parent: Option<NodeId>,
    step: Step,
    in_definition: bool,
    conjuncts: Vec<Conjunct<'a>>,
    /// Expressions that were followed already: of an alternative, what stands beside it.
    leaves: Vec<Leaf<'a>>,
    data: Vec<&'a Value>,
    state: State,
    fields: BTreeMap<Label, NodeId>,
    elements: Vec<NodeId>,
    outcome: Outcome,
    contradictions: Vec<Reason>,
    told: bool,
}

struct Evaluation<'a> {
    file: &'a File,
    nodes: Vec<Node<'a>>,
    envs: Vec<Env<'a>>,
    groups: u32,
    steps: usize,
    depth: usize,
}

impl<'a> Evaluation<'a> {
    fn evaluate(&mut self, id: NodeId) -> Result<(), Fault> {
        match self.at(id)?.state {
            State::Done => return Ok(()),
            State::Unstarted => {}
            State::Following | State::Opened => {
                let position = self.position(id);
                let reason = format!("the value of {} depends on itself", self.path(id));
                return Err(Fault::Undecidable(position, reason));
            }
        }
        if self.is_unsettled(id)? {
            let position = self.position(id);
            let reason = format!("{} is asked for before all is known of it", self.path(id));
            return Err(Fault::Undecidable(position, reason));
        }
        self.enter()?;
        self.at_mut(id)?.state = State::Following;
        let mut leaves = std::mem::take(&mut self.at_mut(id)?.leaves);
        let conjuncts = self.at(id)?.conjuncts.clone();
        for conjunct in conjuncts {
            self.follow(id, &conjunct, &mut leaves, &mut Vec::new())?;
        }
        let disjunction = leaves
            .iter()
            .position(|leaf| matches!(leaf.body, Body::Or(_)));
        match disjunction {
            Some(index) => {
                let leaf = leaves.remove(index);
                if let Body::Or(alternatives) = leaf.body {
                    self.disjunction(id, alternatives, &leaf, &leaves)?;
                }
            }
            None => self.unify(id, leaves)?,
        }
        self.at_mut(id)?.state = State::Done;
        self.depth -= 1;
        Ok(())
    }

    /// Whether what is around a node may yet say more of it.
    fn is_unsettled(&self, id: NodeId) -> Result<bool, Fault> {
        let node = self.at(id)?;
        let named = matches!(
            node.step,
            Step::Field(Label::Definition(_) | Label::Hidden(_)) | Step::Root
        );
        match node.parent {
            Some(parent) if !named => Ok(self.at(parent)?.state != State::Done),
            _ => Ok(false),
        }
    }

    /// Tries each alternative together with everything else that describes the node.
    fn disjunction(
        &mut self,
        id: NodeId,
        alternatives: &'a [Alternative],
        leaf: &Leaf<'a>,
        beside: &[Leaf<'a>],
    ) -> Result<(), Fault> {
        let mut remaining = Vec::new();
        let mut defaults = Vec::new();
        let mut told = Vec::new();
        for alternative in alternatives {
            let (parent, step) = (self.at(id)?.parent, self.at(id)?.step.clone());
            let trial = self.node(parent, step)?;
            self.tick_by(64 + 16 * beside.len())?;
            let data = self.at(id)?.data.clone();
            let in_definition = self.at(id)?.in_definition;
            let node = self.at_mut(trial)?;
            node.in_definition = in_definition;
            node.data = data;
            node.leaves = beside.to_vec();
            node.conjuncts.push(Conjunct {
                expr: &alternative.value,
                env: leaf.env,
                groups: Rc::clone(&leaf.groups),
            });
            self.evaluate(trial)?;
            let mut reasons = Vec::new();
            self.contradictions(trial, &mut reasons)?;
            if reasons.is_empty() {
                remaining.push(trial);
                if alternative.default {
                    defaults.push(trial);
                }
            } else {
                told.append(&mut reasons);
            }
        }
        let node = self.at_mut(id)?;
        node.outcome = match (remaining.as_slice(), defaults.as_slice()) {
            ([], _) => {
                told.truncate(MAX_REASONS);
                node.contradictions = told;
                Outcome::Parts
            }
            ([only], _) => Outcome::Same(*only),
            (_, defaults) => Outcome::Ambiguous {
                default: match defaults {
                    [default] => Some(*default),
                    _ => None,
                },
                remaining,
            },
        };
        Ok(())
    }

    fn unify(&mut self, id: NodeId, leaves: Vec<Leaf<'a>>) -> Result<(), Fault> {
        let mut structs = Vec::new();
        let mut lists = Vec::new();
        let mut constraints = Vec::new();
        for leaf in leaves {
            match leaf.body {
                Body::Struct(lit) => structs.push((lit, leaf.env, leaf.groups, leaf.position)),
                Body::List(lit) => lists.push((lit, leaf.env, leaf.groups, leaf.position)),
                Body::Constraint(constraint) => constraints.push((constraint, leaf.position)),
                Body::Never(reason) => self.contradict(id, reason, Some(leaf.position))?,
                Body::Or(_) => {}
            }
        }
        let data = self.at(id)?.data.clone();
        let has_object = data.iter().any(|value| value.is_object());
        let has_array = data.iter().any(|value| value.is_array());
        let mut types = Types::ALL;
        let mut kinds: Vec<(Types, String, Option<Position>)> = Vec::new();
        for (_, _, _, position) in &structs {
            kinds.push((Types::STRUCT, "a struct".to_owned(), Some(*position)));
        }
        for (_, _, _, position) in &lists {
            kinds.push((Types::LIST, "a list".to_owned(), Some(*position)));
        }
        for (constraint, position) in &constraints {
            kinds.push((constraint.types(), constraint.to_string(), Some(*position)));
        }
        for value in &data {
            let (types, text) = match (Scalar::of_json(value), value) {
                (Some(scalar), _) => (scalar.types(), scalar.to_string()),
                (None, Value::Array(_)) => (Types::LIST, "a list".to_owned()),
                (None, Value::Object(_)) => (Types::STRUCT, "a struct".to_owned()),
                (None, _) => {
                    let reason = "a number is too large to compare".to_owned();
                    return Err(Fault::Undecidable(self.position(id), reason));
                }
            };
            kinds.push((types, text, None));
        }
        // The statement speaks last: it is what was found, and the rest what was wanted.
        for (index, (kind, text, position)) in kinds.iter().enumerate() {
            types = types.both(*kind);
            if types.is_empty() {
                let wanted = kinds.get(..index).unwrap_or_default().iter().rev();
                let (wanted, place) = wanted
                    .clone()
                    .find(|(other, ..)| other.both(*kind).is_empty())
                    .or_else(|| wanted.clone().next())
                    .map_or(("something else", None), |(_, text, place)| {
                        (text.as_str(), *place)
                    });
                let reason = format!("found {text}, wanted {wanted}");
                self.contradict(id, reason, place.or(*position))?;
                return Ok(());
            }
        }
        if !structs.is_empty() || has_object {
            self.structure(id, structs, &data)?;
        } else if !lists.is_empty() || has_array {
            self.list(id, &lists, &data)?;
        } else {
            self.scalar(id, &constraints, &data, types)?;
            return Ok(());
        }
        for (constraint, position) in &constraints {
            if let Constraint::Validator(validator) = constraint
                && !self.parts_admit(id, validator, &data, *position)?
            {
                self.contradict(id, format!("does not satisfy {validator}"), Some(*position))?;
            }
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        id: NodeId,
        constraints: &[(Constraint, Position)],
        data: &[&Value],
        types: Types,
    ) -> Result<(), Fault> {
        let wanted = constraints.iter().filter_map(|(one, position)| match one {
            Constraint::Value(value) => Some((value.clone(), Some(*position))),
            _ => None,
        });
        let found = data
            .iter()
            .filter_map(|value| Scalar::of_json(value).map(|value| (value, None)));
        let values: Vec<(Scalar, Option<Position>)> = found.chain(wanted).collect();
        let Some((value, _)) = values.first() else {
            let bounds = constraints.iter().map(|(constraint, _)| constraint);
            match leave_room(&bounds, types) {
                Some(true) => {}
                Some(false) => self.contradict(
                    id,
                    "nothing lies within its bounds".to_owned(),
                    constraints.first().map(|(_, position)| *position),
                )?,
                None => {
                    let reason = format!("whether {} can have a value", self.path(id));
                    return Err(Fault::Undecidable(self.position(id), reason));
                }
            }
            return Ok(());
        };
        for (other, position) in values.iter().skip(1) {
            if other != value {
                let reason = format!("found {value}, wanted {other}");
                self.contradict(id, reason, *position)?;
            }
        }
        for (constraint, position) in constraints {
            let is_value = matches!(constraint, Constraint::Value(_));
            if !is_value && !constraint.admits(value, *position)? {
                let reason = format!("found {value}, wanted {constraint}");
                self.contradict(id, reason, Some(*position))?;
            }
        }
        self.at_mut(id)?.outcome = Outcome::Scalar(value.clone());
        Ok(())
    }

    /// Evaluates everything below a node and collects what contradicts.
    fn contradictions(&mut self, id: NodeId, reasons: &mut Vec<Reason>) -> Result<(), Fault> {
        if std::mem::replace(&mut self.at_mut(id)?.told, true) {
            return Ok(());
        }
        self.enter()?;
        self.evaluate(id)?;
        let node = self.at(id)?;
        let room = MAX_REASONS.saturating_sub(reasons.len());
        reasons.extend(node.contradictions.iter().take(room).cloned());
        // A node of an alternative was gone through when the alternative was tried.
        let mut below: Vec<NodeId> = node.fields.values().copied().collect();
        below.extend(&node.elements);
        for child in below {
            self.contradictions(child, reasons)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Fields that the policy says of the statement and the statement has not.
    fn absences(&self, id: NodeId, in_statement: bool, reasons: &mut Vec<Reason>) {
        let Some(node) = self.nodes.get(id) else {
            return;
        };
        if in_statement && node.data.is_empty() {
            if reasons.len() < MAX_REASONS {
                reasons.push(Reason {
                    path: self.path(id),
                    message: "the statement has no such field".to_owned(),
                    position: Some(self.position(id)),
                });
            }
            return;
        }
        match &node.outcome {
            Outcome::Same(other) => return self.absences(*other, in_statement, reasons),
            // That one of them wants no more than there is will do.
            Outcome::Ambiguous { remaining, .. } => {
                let mut told = Vec::new();
                for alternative in remaining {
                    let mut absent = Vec::new();
                    self.absences(*alternative, in_statement, &mut absent);
                    if absent.is_empty() {
                        return;
                    }
                    told.append(&mut absent);
                }
                told.truncate(MAX_REASONS.saturating_sub(reasons.len()));
                reasons.append(&mut told);
                return;
            }
            Outcome::Parts | Outcome::Scalar(_) => {}
        }
        for (label, child) in &node.fields {
            let Label::Regular(name) = label else {
                continue;
            };
            let is_root = node.step == Step::Root;
            if in_statement || (is_root && STATEMENT.contains(&name.as_str())) {
                self.absences(*child, true, reasons);
            }
        }
        for child in &node.elements {
            self.absences(*child, in_statement, reasons);
        }
    }

    /// The value of a node that another expression needs.
    fn concrete(&mut self, id: NodeId, position: Position) -> Result<Scalar, Fault> {
        self.evaluate(id)?;
        let node = self.at(id)?;
        if !node.contradictions.is_empty() {
            let reason = format!("{} has no value", self.path(id));
            return Err(Fault::Undecidable(position, reason));
        }
        match &node.outcome {
            Outcome::Scalar(value) => Ok(value.clone()),
            Outcome::Same(other)
            | Outcome::Ambiguous {
                default: Some(other),
                ..
            } => {
                let other = *other;
                self.concrete(other, position)
            }
            Outcome::Ambiguous { default: None, .. } | Outcome::Parts => {
                let reason = format!("{} has no single value", self.path(id));
                Err(Fault::Undecidable(position, reason))
            }
        }
    }

    /// The value of an expression that another one needs.
    fn concrete_expr(&mut self, conjunct: Conjunct<'a>) -> Result<Scalar, Fault> {
        let position = conjunct.expr.position;
        match &conjunct.expr.kind {
            Kind::Null => return Ok(Scalar::Null),
            Kind::Bool(value) => return Ok(Scalar::Bool(*value)),
            Kind::Number(number) => return Ok(Scalar::Number(number.clone())),
            Kind::String(text) => return Ok(Scalar::String(text.clone())),
            _ => {}
        }
        if let Some(Applied::Value(value)) = self.apply(&conjunct)? {
            return Ok(value);
        }
        let parent = conjunct
            .env
            .and_then(|env| self.envs.get(env))
            .map(|env| env.node);
        let node = self.node(parent, Step::Field(Label::Hidden("(operand)".to_owned())))?;
        self.at_mut(node)?.conjuncts.push(conjunct);
        self.concrete(node, position)
    }

    fn node(&mut self, parent: Option<NodeId>, step: Step) -> Result<NodeId, Fault> {
        self.tick()?;
        let in_definition = matches!(step, Step::Field(Label::Definition(_)))
            || parent
                .and_then(|parent| self.nodes.get(parent))
                .is_some_and(|parent| parent.in_definition);
        self.nodes.push(Node {
            parent,
            step,
            in_definition,
            conjuncts: Vec::new(),
            leaves: Vec::new(),
            data: Vec::new(),
            state: State::Unstarted,
            fields: BTreeMap::new(),
            elements: Vec::new(),
            outcome: Outcome::Parts,
            contradictions: Vec::new(),
            told: false,
        });
        Ok(self.nodes.len() - 1)
    }

    fn at(&self, id: NodeId) -> Result<&Node<'a>, Fault> {
        self.nodes.get(id).ok_or(Fault::Limit("what there is"))
    }

    fn at_mut(&mut self, id: NodeId) -> Result<&mut Node<'a>, Fault> {
        self.nodes.get_mut(id).ok_or(Fault::Limit("what there is"))
    }

    fn contradict(
        &mut self,
        id: NodeId,
        message: String,
        position: Option<Position>,
    ) -> Result<(), Fault> {
        let path = self.path(id);
        self.at_mut(id)?.contradictions.push(Reason {
            path,
            message,
            position,
        });
        Ok(())
    }

    fn path(&self, id: NodeId) -> String {
        let mut steps = Vec::new();
        let mut next = Some(id);
        while let Some(node) = next.and_then(|id| self.nodes.get(id)) {
            match &node.step {
                Step::Element(index) => steps.push(format!("[{index}]")),
                Step::Field(label) => steps.push(match plain(label.text()) {
                    true => format!(".{}", label.text()),
                    false => format!(".{:?}", label.text()),
                }),
                Step::Root => {}
            }
            next = node.parent;
        }
        steps.reverse();
        let path = steps.concat();
        path.strip_prefix('.').unwrap_or(&path).to_owned()
    }

    /// Where the policy first speaks of a node.
    fn position(&self, id: NodeId) -> Position {
        let node = self.nodes.get(id);
        node.and_then(|node| node.conjuncts.first())
            .map_or(Position { line: 1, column: 1 }, |conjunct| {
                conjunct.expr.position
            })
    }

    fn tick(&mut self) -> Result<(), Fault> {
        self.tick_by(1)
    }

    fn tick_by(&mut self, steps: usize) -> Result<(), Fault> {
        self.steps = self.steps.saturating_add(steps);
        match self.steps > MAX_STEPS {
            true => Err(Fault::Limit("1000000 steps")),
            false => Ok(()),
        }
    }

    fn enter(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        match self.depth > MAX_DEPTH {
            true => Err(Fault::Limit("160 levels of nesting")),
            false => Ok(()),
        }
    }
}

/// Whether a name needs no quotes.
fn plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '#'))
}
