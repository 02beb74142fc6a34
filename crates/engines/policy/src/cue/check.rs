//! What can be said of a policy before there is a statement: every name means something, and every
//! import and `let` is used, as CUE's own compiler insists.

use std::cell::Cell;

use crate::cue::Fault;
use crate::cue::scalar::Types;
use crate::cue::syntax::Expr;
use crate::cue::syntax::File;
use crate::cue::syntax::Kind;
use crate::cue::syntax::Label;
use crate::cue::syntax::StructLit;
use crate::cue::syntax::Tail;

/// Functions that belong to no package.
const FUNCTIONS: &[&str] = &["close", "len"];

struct Names<'a> {
    file: &'a File,
    imports: Vec<Cell<bool>>,
    scopes: Vec<Scope<'a>>,
}

struct Scope<'a> {
    lit: &'a StructLit,
    lets: Vec<Cell<bool>>,
}

/// Checks a policy.
pub(crate) fn file(file: &File) -> Result<(), Fault> {
    let mut names = Names {
        file,
        imports: file.imports.iter().map(|_| Cell::new(false)).collect(),
        scopes: Vec::new(),
    };
    names.lit(&file.body)?;
    for (import, used) in file.imports.iter().zip(&names.imports) {
        if !used.get() {
            let reason = format!("package {:?} is imported and not used", import.name);
            return Err(Fault::Malformed(import.position, reason));
        }
    }
    Ok(())
}

impl<'a> Names<'a> {
    fn lit(&mut self, lit: &'a StructLit) -> Result<(), Fault> {
        self.scopes.push(Scope {
            lit,
            lets: lit.lets.iter().map(|_| Cell::new(false)).collect(),
        });
        for (index, one) in lit.lets.iter().enumerate() {
            let fields = lit.fields.iter().filter(|field| field.named);
            let twice = lit
                .lets
                .iter()
                .take(index)
                .any(|other| other.name == one.name)
                || fields.clone().any(|field| field.label.text() == one.name);
            if twice {
                let reason = format!("{:?} is declared twice", one.name);
                return Err(Fault::Malformed(one.position, reason));
            }
            self.expr(&one.value)?;
        }
        for field in &lit.fields {
            self.expr(&field.value)?;
        }
        for (pattern, value) in &lit.patterns {
            self.expr(pattern)?;
            self.expr(value)?;
        }
        for embedded in &lit.embeds {
            self.expr(embedded)?;
        }
        if let Some(scope) = self.scopes.pop() {
            for (one, used) in lit.lets.iter().zip(&scope.lets) {
                if !used.get() {
                    let reason = format!("{:?} is declared and not used", one.name);
                    return Err(Fault::Malformed(one.position, reason));
                }
            }
        }
        Ok(())
    }

    fn expr(&mut self, expr: &'a Expr) -> Result<(), Fault> {
        match &expr.kind {
            Kind::And(parts) => parts.iter().try_for_each(|part| self.expr(part)),
            Kind::Or(alternatives) => alternatives
                .iter()
                .try_for_each(|alternative| self.expr(&alternative.value)),
            Kind::Bound(_, operand) => self.expr(operand),
            Kind::Selector(base, _) => match &base.kind {
                Kind::Reference(name) => self.name(base, name, true),
                _ => self.expr(base),
            },
            Kind::Index(base, index) => {
                self.expr(base)?;
                self.expr(index)
            }
            Kind::Call(function, arguments) => {
                match &function.kind {
                    Kind::Reference(name) if FUNCTIONS.contains(&name.as_str()) => {
                        if self.declared(expr, name)? {
                            let construct = "a call of a field".to_owned();
                            return Err(Fault::Unsupported(expr.position, construct));
                        }
                    }
                    Kind::Selector(..) => self.expr(function)?,
                    _ => {
                        let construct = "a call of this function".to_owned();
                        return Err(Fault::Unsupported(expr.position, construct));
                    }
                }
                arguments.iter().try_for_each(|one| self.expr(one))
            }
            Kind::List(list) => {
                list.elements.iter().try_for_each(|one| self.expr(one))?;
                match &list.tail {
                    Tail::Each(each) => self.expr(each),
                    Tail::Any | Tail::Closed => Ok(()),
                }
            }
            Kind::Reference(name) => self.name(expr, name, false),
            Kind::Struct(lit) => self.lit(lit),
            Kind::Bool(_) | Kind::Null | Kind::Number(_) | Kind::String(_) | Kind::Top => Ok(()),
        }
    }

    fn name(&self, expr: &Expr, name: &str, selected: bool) -> Result<(), Fault> {
        if self.declared(expr, name)? {
            return Ok(());
        }
        for (import, used) in self.file.imports.iter().zip(&self.imports) {
            if import.name == name {
                used.set(true);
                if !selected {
                    let reason = format!("package {name:?} is no value");
                    return Err(Fault::Malformed(expr.position, reason));
                }
                return Ok(());
            }
        }
        if Types::named(name).is_some() && !selected {
            return Ok(());
        }
        let known = FUNCTIONS.contains(&name) || Types::is_predeclared(name);
        Err(match known {
            true => Fault::Unsupported(expr.position, format!("{name:?} in this place")),
            false => Fault::Malformed(expr.position, format!("nothing here is called {name:?}")),
        })
    }

    /// Whether a struct around declares the name.
    fn declared(&self, expr: &Expr, name: &str) -> Result<bool, Fault> {
        let label = Label::of_identifier(name);
        for scope in self.scopes.iter().rev() {
            for (one, used) in scope.lit.lets.iter().zip(&scope.lets) {
                if one.name == name {
                    used.set(true);
                    return Ok(true);
                }
            }
            let mut fields = scope.lit.fields.iter().filter(|field| field.label == label);
            if fields.clone().any(|field| field.named) {
                return Ok(true);
            }
            if fields.next().is_some() {
                let construct = format!("a reference past the quoted field {name:?}");
                return Err(Fault::Unsupported(expr.position, construct));
            }
        }
        Ok(false)
    }
}
