//! From tokens to a policy.

use crate::Position;
use crate::cue::Fault;
use crate::cue::lex;
use crate::cue::lex::Token;
use crate::cue::syntax::Alternative;
use crate::cue::syntax::Bound;
use crate::cue::syntax::Expr;
use crate::cue::syntax::Field;
use crate::cue::syntax::File;
use crate::cue::syntax::Import;
use crate::cue::syntax::Kind;
use crate::cue::syntax::Label;
use crate::cue::syntax::Let;
use crate::cue::syntax::ListLit;
use crate::cue::syntax::Need;
use crate::cue::syntax::Package;
use crate::cue::syntax::StructLit;
use crate::cue::syntax::Tail;

/// How deep expressions may nest.
const MAX_DEPTH: usize = 64;

/// Operators that stand between two operands and are not evaluated.
const OPERATORS: &[&str] = &[
    "==", "!=", "<", "<=", ">", ">=", "=~", "!~", "+", "-", "*", "/", "&&", "||",
];

/// Reads a policy.
pub(crate) fn file(text: &str) -> Result<File, Fault> {
    let mut parser = Parser {
        tokens: lex::tokens(text)?,
        next: 0,
        depth: 0,
    };
    let imports = parser.preamble()?;
    let body = parser.elements("")?;
    Ok(File { imports, body })
}

struct Parser {
    tokens: Vec<(Position, Token)>,
    next: usize,
    depth: usize,
}

impl Parser {
    /// `package`, then the imports.
    fn preamble(&mut self) -> Result<Vec<Import>, Fault> {
        let mut imports = Vec::new();
        while self.take(",") {}
        if self.is_keyword("package") && !self.is_label(self.next) {
            self.next += 1;
            self.identifier()?;
            self.end_of_element("")?;
        }
        while self.is_keyword("import") && !self.is_label(self.next) {
            self.next += 1;
            if self.take("(") {
                while !self.take(")") {
                    imports.push(self.import()?);
                    self.end_of_element(")")?;
                }
            } else {
                imports.push(self.import()?);
            }
            self.end_of_element("")?;
        }
        Ok(imports)
    }

    fn import(&mut self) -> Result<Import, Fault> {
        let position = self.position();
        let name = match self.peek() {
            Token::Identifier(_) => Some(self.identifier()?),
            _ => None,
        };
        let at = self.position();
        let Token::String(path) = self.peek().clone() else {
            return Err(self.unexpected("the path of a package"));
        };
        self.next += 1;
        let Some(package) = Package::of_path(&path) else {
            return Err(Fault::Unsupported(at, format!("package {path:?}")));
        };
        Ok(Import {
            position,
            name: name.unwrap_or_else(|| package.name().to_owned()),
            package,
        })
    }

    /// What stands between braces, or in a file.
    fn elements(&mut self, end: &'static str) -> Result<StructLit, Fault> {
        let mut lit = StructLit::default();
        loop {
            let done = match end {
                "" => *self.peek() == Token::End,
                end => self.is(end),
            };
            if done {
                return Ok(lit);
            }
            self.element(&mut lit)?;
            self.end_of_element(end)?;
        }
    }

    fn element(&mut self, lit: &mut StructLit) -> Result<(), Fault> {
        let position = self.position();
        if self.is_label(self.next) {
            return self.field(lit);
        }
        match self.peek().clone() {
            Token::Symbol("...") => {
                self.next += 1;
                if !(self.is(",") || self.is("}") || *self.peek() == Token::End) {
                    return Err(Fault::Unsupported(position, "a typed ellipsis".to_owned()));
                }
                lit.open = true;
            }
            Token::Symbol("[") if self.is_pattern(self.next) => {
                self.next += 1;
                let pattern = self.expression()?;
                self.expect("]")?;
                self.expect(":")?;
                let value = self.field_value()?;
                lit.patterns.push((pattern, value));
            }
            Token::Identifier(name) => match name.as_str() {
                "let" => {
                    self.next += 1;
                    let name = self.identifier()?;
                    self.expect("=")?;
                    let value = self.expression()?;
                    lit.lets.push(Let {
                        position,
                        name,
                        value,
                    });
                }
                "for" | "if" => {
                    return Err(Fault::Unsupported(position, "a comprehension".to_owned()));
                }
                "import" | "package" => {
                    return Err(Fault::Malformed(
                        position,
                        format!("{name:?} stands at the beginning of a file alone"),
                    ));
                }
                _ => self.embed(lit)?,
            },
            _ => self.embed(lit)?,
        }
        Ok(())
    }

    fn embed(&mut self, lit: &mut StructLit) -> Result<(), Fault> {
        let embedded = self.expression()?;
        if self.is(":") {
            let construct = "a field whose name is computed".to_owned();
            return Err(Fault::Unsupported(embedded.position, construct));
        }
        if self.is("=") {
            return Err(Fault::Unsupported(embedded.position, "an alias".to_owned()));
        }
        lit.embeds.push(embedded);
        Ok(())
    }

    fn field(&mut self, lit: &mut StructLit) -> Result<(), Fault> {
        let position = self.position();
        let (label, named) = match self.peek().clone() {
            Token::Identifier(name) => (Label::of_identifier(&name), true),
            Token::String(name) => (Label::Regular(name), false),
            _ => return Err(self.unexpected("a field")),
        };
        self.next += 1;
        let need = match self.peek() {
            Token::Symbol("?") => Need::Optional,
            Token::Symbol("!") => Need::Required,
            _ => Need::Regular,
        };
        if need != Need::Regular {
            self.next += 1;
            if !matches!(label, Label::Regular(_)) {
                let construct = "an optional or required definition".to_owned();
                return Err(Fault::Unsupported(position, construct));
            }
        }
        self.expect(":")?;
        let value = self.field_value()?;
        lit.fields.push(Field {
            position,
            label,
            named,
            need,
            value,
        });
        Ok(())
    }

    /// `a: b: c` is `a: {b: c}`.
    fn field_value(&mut self) -> Result<Expr, Fault> {
        let pattern = self.is("[") && self.is_pattern(self.next);
        if !pattern && !self.is_label(self.next) {
            return self.expression();
        }
        let position = self.position();
        self.enter()?;
        let mut lit = StructLit::default();
        self.element(&mut lit)?;
        self.depth -= 1;
        Ok(Expr {
            position,
            kind: Kind::Struct(lit),
        })
    }

    fn expression(&mut self) -> Result<Expr, Fault> {
        self.enter()?;
        let position = self.position();
        let mut alternatives = vec![self.alternative()?];
        while self.take("|") {
            alternatives.push(self.alternative()?);
        }
        self.depth -= 1;
        if let [only] = alternatives.as_slice() {
            if only.default {
                let reason = "a default is one of several alternatives".to_owned();
                return Err(Fault::Malformed(position, reason));
            }
            return Ok(alternatives.remove(0).value);
        }
        for alternative in &alternatives {
            let inner = match &alternative.value.kind {
                Kind::Or(inner) => inner.iter().any(|inner| inner.default),
                _ => false,
            };
            if inner {
                return Err(Fault::Unsupported(
                    alternative.value.position,
                    "a default within an alternative".to_owned(),
                ));
            }
        }
        Ok(Expr {
            position,
            kind: Kind::Or(alternatives),
        })
    }

    fn alternative(&mut self) -> Result<Alternative, Fault> {
        let default = self.take("*");
        let position = self.position();
        let mut conjuncts = vec![self.unary()?];
        while self.take("&") {
            conjuncts.push(self.unary()?);
        }
        if default && conjuncts.len() > 1 {
            let reason = "a default mark belongs to one value; put it in parentheses".to_owned();
            return Err(Fault::Malformed(position, reason));
        }
        if let Token::Symbol(symbol) = self.peek()
            && OPERATORS.contains(symbol)
        {
            let construct = format!("the operator {symbol:?} between two values");
            return Err(Fault::Unsupported(self.position(), construct));
        }
        let value = match conjuncts.len() {
            1 => conjuncts.remove(0),
            _ => Expr {
                position,
                kind: Kind::And(conjuncts),
            },
        };
        Ok(Alternative { default, value })
    }

    fn unary(&mut self) -> Result<Expr, Fault> {
        let position = self.position();
        let Token::Symbol(symbol) = *self.peek() else {
            return self.operand();
        };
        let bound = match symbol {
            "<" => Bound::Less,
            "<=" => Bound::LessOrEqual,
            ">" => Bound::Greater,
            ">=" => Bound::GreaterOrEqual,
            "=~" => Bound::Matches,
            "!~" => Bound::MatchesNot,
            "!=" => Bound::NotEqual,
            "+" | "-" => {
                self.next += 1;
                let Token::Number(number) = self.peek().clone() else {
                    return Err(Fault::Unsupported(position, "arithmetic".to_owned()));
                };
                self.next += 1;
                return Ok(Expr {
                    position,
                    kind: Kind::Number(match symbol {
                        "-" => number.negated(),
                        _ => number,
                    }),
                });
            }
            "!" | "==" | "*" => {
                let construct = format!("the operator {symbol:?}");
                return Err(Fault::Unsupported(position, construct));
            }
            _ => return self.operand(),
        };
        self.next += 1;
        self.enter()?;
        let operand = self.unary()?;
        self.depth -= 1;
        Ok(Expr {
            position,
            kind: Kind::Bound(bound, Box::new(operand)),
        })
    }

    /// A primary expression with its selectors, indices and calls.
    fn operand(&mut self) -> Result<Expr, Fault> {
        let mut operand = self.primary()?;
        let mut links = 0;
        loop {
            let position = operand.position;
            links += 1;
            if links > MAX_DEPTH {
                return Err(Fault::Limit("64 levels of nesting"));
            }
            let kind = if self.take(".") {
                let (Token::Identifier(name) | Token::String(name)) = self.peek().clone() else {
                    return Err(self.unexpected("the name of a field"));
                };
                self.next += 1;
                Kind::Selector(Box::new(operand), name)
            } else if self.take("[") {
                let index = self.expression()?;
                if self.is(":") {
                    return Err(Fault::Unsupported(self.position(), "a slice".to_owned()));
                }
                self.expect("]")?;
                Kind::Index(Box::new(operand), Box::new(index))
            } else if self.take("(") {
                let mut arguments = Vec::new();
                while !self.take(")") {
                    arguments.push(self.expression()?);
                    self.end_of_element(")")?;
                }
                Kind::Call(Box::new(operand), arguments)
            } else {
                return Ok(operand);
            };
            operand = Expr { position, kind };
        }
    }

    fn primary(&mut self) -> Result<Expr, Fault> {
        let position = self.position();
        let kind = match self.peek().clone() {
            Token::Number(number) => Kind::Number(number),
            Token::String(text) => Kind::String(text),
            Token::Identifier(name) => match name.as_str() {
                "_" => Kind::Top,
                "null" => Kind::Null,
                "true" => Kind::Bool(true),
                "false" => Kind::Bool(false),
                "for" | "if" | "in" | "let" | "import" | "package" => {
                    return Err(self.unexpected("a value"));
                }
                _ => Kind::Reference(name),
            },
            Token::Symbol("_|_") => {
                let reason = "an explicit error stands here".to_owned();
                return Err(Fault::Malformed(position, reason));
            }
            Token::Symbol("(") => {
                self.next += 1;
                let inner = self.expression()?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Symbol("{") => {
                self.next += 1;
                self.enter()?;
                let lit = self.elements("}")?;
                self.depth -= 1;
                self.expect("}")?;
                return Ok(Expr {
                    position,
                    kind: Kind::Struct(lit),
                });
            }
            Token::Symbol("[") => {
                self.next += 1;
                let lit = self.list()?;
                self.expect("]")?;
                return Ok(Expr {
                    position,
                    kind: Kind::List(lit),
                });
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.next += 1;
        Ok(Expr { position, kind })
    }

    fn list(&mut self) -> Result<ListLit, Fault> {
        let mut elements = Vec::new();
        let mut tail = Tail::Closed;
        while !self.is("]") {
            if self.is_keyword("for") || self.is_keyword("if") {
                let construct = "a comprehension".to_owned();
                return Err(Fault::Unsupported(self.position(), construct));
            }
            if self.take("...") {
                tail = match self.is(",") || self.is("]") {
                    true => Tail::Any,
                    false => Tail::Each(Box::new(self.expression()?)),
                };
                self.take(",");
                break;
            }
            elements.push(self.expression()?);
            self.end_of_element("]")?;
        }
        Ok(ListLit { elements, tail })
    }

    /// A comma, or the bracket that closes.
    fn end_of_element(&mut self, end: &'static str) -> Result<(), Fault> {
        let ends = match end {
            "" => *self.peek() == Token::End,
            end => self.is(end),
        };
        if ends || self.take(",") {
            return Ok(());
        }
        Err(self.unexpected("a comma or the end of the line"))
    }

    /// Whether a field begins there: a name, then a colon.
    fn is_label(&self, at: usize) -> bool {
        let token = |at: usize| self.tokens.get(at).map(|(_, token)| token);
        let colon = |at: usize| token(at) == Some(&Token::Symbol(":"));
        let name = matches!(token(at), Some(Token::Identifier(_) | Token::String(_)));
        let marked = matches!(token(at + 1), Some(Token::Symbol("?" | "!")));
        name && (colon(at + 1) || (marked && colon(at + 2)))
    }

    /// Whether the bracket that opens there closes before a colon.
    fn is_pattern(&self, at: usize) -> bool {
        let mut depth = 0_usize;
        for (index, (_, token)) in self.tokens.iter().enumerate().skip(at) {
            match token {
                Token::Symbol("[" | "(" | "{") => depth += 1,
                Token::Symbol("]" | ")" | "}") => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        let next = self.tokens.get(index + 1).map(|(_, token)| token);
                        return next == Some(&Token::Symbol(":"));
                    }
                }
                _ => {}
            }
        }
        false
    }

    fn identifier(&mut self) -> Result<String, Fault> {
        let Token::Identifier(name) = self.peek().clone() else {
            return Err(self.unexpected("a name"));
        };
        self.next += 1;
        Ok(name)
    }

    fn enter(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        match self.depth > MAX_DEPTH {
            true => Err(Fault::Limit("64 levels of nesting")),
            false => Ok(()),
        }
    }

    fn peek(&self) -> &Token {
        self.tokens
            .get(self.next)
            .map_or(&Token::End, |(_, token)| token)
    }

    fn position(&self) -> Position {
        self.tokens
            .get(self.next)
            .or_else(|| self.tokens.last())
            .map_or_else(Position::default, |(position, _)| *position)
    }

    fn is(&self, symbol: &'static str) -> bool {
        *self.peek() == Token::Symbol(symbol)
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.peek(), Token::Identifier(name) if name == keyword)
    }

    fn take(&mut self, symbol: &'static str) -> bool {
        let is = self.is(symbol);
        self.next += usize::from(is);
        is
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), Fault> {
        match self.take(symbol) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("{symbol:?}"))),
        }
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        let found = match self.peek() {
            Token::End => "the end".to_owned(),
            Token::Identifier(name) => format!("{name:?}"),
            Token::Number(number) => number.to_string(),
            Token::String(_) => "a string".to_owned(),
            Token::Symbol(",") => "the end of the line or a comma".to_owned(),
            Token::Symbol(symbol) => format!("{symbol:?}"),
        };
        Fault::Malformed(self.position(), format!("found {found}, wanted {wanted}"))
    }
}
