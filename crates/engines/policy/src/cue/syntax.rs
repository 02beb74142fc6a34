//! A policy as it was written.

use crate::Position;
use crate::cue::number::Number;

/// A whole policy: its imports, and the struct that its lines make up.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) imports: Vec<Import>,
    pub(crate) body: StructLit,
}

/// `import name "path"`
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) position: Position,
    pub(crate) name: String,
    pub(crate) package: Package,
}

/// The packages that something is evaluated of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Package {
    List,
    Regexp,
    Strings,
    Struct,
    Time,
}

impl Package {
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        match path {
            "list" => Some(Self::List),
            "regexp" => Some(Self::Regexp),
            "strings" => Some(Self::Strings),
            "struct" => Some(Self::Struct),
            "time" => Some(Self::Time),
            _ => None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Regexp => "regexp",
            Self::Strings => "strings",
            Self::Struct => "struct",
            Self::Time => "time",
        }
    }
}

/// `{ … }`, or the lines of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct StructLit {
    pub(crate) fields: Vec<Field>,
    pub(crate) patterns: Vec<(Expr, Expr)>,
    pub(crate) lets: Vec<Let>,
    pub(crate) embeds: Vec<Expr>,
    /// `...`: any other field may be there too.
    pub(crate) open: bool,
}

impl StructLit {
    /// `{ expression }`, which is the expression itself.
    pub(crate) fn alone(&self) -> Option<&Expr> {
        match self.embeds.as_slice() {
            [only] if self.fields.is_empty() && self.patterns.is_empty() && !self.open => {
                Some(only)
            }
            _ => None,
        }
    }
}

/// `let name = expression`
#[derive(Clone, Debug)]
pub(crate) struct Let {
    pub(crate) position: Position,
    pub(crate) name: String,
    pub(crate) value: Expr,
}

/// `label: expression`
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) position: Position,
    pub(crate) label: Label,
    /// Whether the label is an identifier, which alone can be referred to.
    pub(crate) named: bool,
    pub(crate) need: Need,
    pub(crate) value: Expr,
}

/// Whether a field has to be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Need {
    /// `label?:` constrains the field if something else makes it.
    Optional,
    /// `label:` makes the field.
    Regular,
    /// `label!:` wants something else to make it.
    Required,
}

/// The name of a field. A regular one may have any name, also one that looks like a definition's.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Label {
    Definition(String),
    Hidden(String),
    Regular(String),
}

impl Label {
    pub(crate) fn of_identifier(name: &str) -> Self {
        let name = name.to_owned();
        match name.starts_with('#') || name.starts_with("_#") {
            true => Self::Definition(name),
            false if name.starts_with('_') => Self::Hidden(name),
            false => Self::Regular(name),
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Definition(name) | Self::Hidden(name) | Self::Regular(name) => name,
        }
    }
}

/// An expression and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) position: Position,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    And(Vec<Expr>),
    Bool(bool),
    Bound(Bound, Box<Expr>),
    Call(Box<Expr>, Vec<Expr>),
    Index(Box<Expr>, Box<Expr>),
    List(ListLit),
    Null,
    Number(Number),
    Or(Vec<Alternative>),
    Reference(String),
    Selector(Box<Expr>, String),
    String(String),
    Struct(StructLit),
    Top,
}

/// `[a, b, ...T]`
#[derive(Clone, Debug)]
pub(crate) struct ListLit {
    pub(crate) elements: Vec<Expr>,
    pub(crate) tail: Tail,
}

#[derive(Clone, Debug)]
pub(crate) enum Tail {
    /// No more elements.
    Closed,
    /// `...`
    Any,
    /// `...T`
    Each(Box<Expr>),
}

/// One alternative of a disjunction.
#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    pub(crate) default: bool,
    pub(crate) value: Expr,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bound {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Matches,
    MatchesNot,
    NotEqual,
}

impl Bound {
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Matches => "=~",
            Self::MatchesNot => "!~",
            Self::NotEqual => "!=",
        }
    }
}
