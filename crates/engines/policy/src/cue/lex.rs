//! A policy as tokens; a line that can end there gets the comma that it stands for.

use crate::Position;
use crate::cue::Fault;
use crate::cue::number::Number;

/// Most tokens of a policy.
const MAX_TOKENS: usize = 200_000;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    End,
    Identifier(String),
    Number(Number),
    String(String),
    Symbol(&'static str),
}

/// Longer ones first.
const SYMBOLS: &[&str] = &[
    "_|_", "...", "=~", "!~", "!=", "<=", ">=", "==", "&&", "||", ":", ",", "{", "}", "[", "]",
    "(", ")", "|", "&", "*", "?", "!", "<", ">", "=", ".", "+", "-", "/",
];

struct Lexer<'a> {
    rest: &'a str,
    position: Position,
    tokens: Vec<(Position, Token)>,
}

/// Cuts a policy into tokens, the last of which is [`Token::End`].
pub(crate) fn tokens(text: &str) -> Result<Vec<(Position, Token)>, Fault> {
    let mut lexer = Lexer {
        rest: text,
        position: Position { line: 1, column: 1 },
        tokens: Vec::new(),
    };
    while lexer.next()? {
        if lexer.tokens.len() > MAX_TOKENS {
            return Err(Fault::Limit("200000 words"));
        }
    }
    Ok(lexer.tokens)
}

impl Lexer<'_> {
    fn next(&mut self) -> Result<bool, Fault> {
        let Some(first) = self.rest.chars().next() else {
            self.end_line();
            self.push(Token::End);
            return Ok(false);
        };
        match first {
            '\n' => {
                self.end_line();
                self.advance(1);
            }
            ' ' | '\t' | '\r' => self.advance(1),
            '/' if self.rest.starts_with("//") => {
                let length = self.rest.find('\n').unwrap_or(self.rest.len());
                self.advance(length);
            }
            '"' => self.string(0)?,
            '#' if self.rest.trim_start_matches('#').starts_with('"') => {
                let hashes = self.rest.len() - self.rest.trim_start_matches('#').len();
                self.string(hashes)?;
            }
            '\'' => return Err(self.unsupported("a bytes literal")),
            '@' => return Err(self.unsupported("an attribute")),
            '0'..='9' => self.number()?,
            '.' if self.rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number()?,
            _ if self.rest.starts_with("_|_") => self.symbol()?,
            c if c.is_alphabetic() || matches!(c, '_' | '$' | '#') => self.identifier(),
            _ => self.symbol()?,
        }
        Ok(true)
    }

    fn symbol(&mut self) -> Result<(), Fault> {
        let Some(symbol) = SYMBOLS
            .iter()
            .find(|symbol| self.rest.starts_with(**symbol))
        else {
            let found = self.rest.chars().next().unwrap_or_default();
            return Err(Fault::Malformed(
                self.position,
                format!("{found:?} has no meaning here"),
            ));
        };
        self.push(Token::Symbol(symbol));
        self.advance(symbol.len());
        Ok(())
    }

    fn identifier(&mut self) {
        let sigils = self.rest.len() - self.rest.trim_start_matches(['_', '#', '$']).len();
        let length = self
            .rest
            .char_indices()
            .find(|(at, c)| *at >= sigils && !(c.is_alphanumeric() || matches!(c, '_' | '$')))
            .map_or(self.rest.len(), |(at, _)| at);
        let name = self.rest.get(..length).unwrap_or_default().to_owned();
        self.push(Token::Identifier(name));
        self.advance(length);
    }

    fn number(&mut self) -> Result<(), Fault> {
        let mut previous = ' ';
        let length = self
            .rest
            .char_indices()
            .find(|(_, c)| {
                let sign = matches!(c, '+' | '-') && matches!(previous, 'e' | 'E');
                previous = *c;
                !(c.is_alphanumeric() || matches!(c, '.' | '_') || sign)
            })
            .map_or(self.rest.len(), |(at, _)| at);
        let text = self.rest.get(..length).unwrap_or_default();
        let grouped = |c: char| c == '_' || c.is_ascii_digit();
        let plain = text.replace('_', "");
        let leading = plain.len() > 1 && plain.starts_with('0') && !plain.starts_with("0.");
        if leading || (text.contains('_') && !text.chars().all(grouped)) {
            return Err(self.unsupported("a number in this notation"));
        }
        let Some(number) = Number::parse(&plain) else {
            return Err(self.unsupported("a number in this notation"));
        };
        self.push(Token::Number(number));
        self.advance(length);
        Ok(())
    }

    /// A string in quotes; between hashes a backslash is itself unless as many hashes follow it.
    fn string(&mut self, hashes: usize) -> Result<(), Fault> {
        let fence = "#".repeat(hashes);
        let opening = self.rest.get(hashes..).unwrap_or_default();
        if opening.starts_with("\"\"\"") {
            return Err(self.unsupported("a string of several lines"));
        }
        let body = opening.get(1..).unwrap_or_default();
        let mut text = String::new();
        let mut at = 0;
        loop {
            let rest = body.get(at..).unwrap_or_default();
            let Some(c) = rest.chars().next() else {
                return Err(self.malformed("the string does not end"));
            };
            match c {
                '\n' => return Err(self.malformed("the string does not end on its line")),
                '"' if rest[1..].starts_with(&fence) => {
                    at += 1 + hashes;
                    break;
                }
                '\\' if rest[1..].starts_with(&fence) => {
                    let (c, length) = self.escape(rest.get(1 + hashes..).unwrap_or_default())?;
                    text.push(c);
                    at += 1 + hashes + length;
                }
                c => {
                    text.push(c);
                    at += c.len_utf8();
                }
            }
        }
        self.push(Token::String(text));
        self.advance(hashes + 1 + at);
        Ok(())
    }

    /// What stands behind a backslash, and how long that is.
    fn escape(&self, rest: &str) -> Result<(char, usize), Fault> {
        let c = match rest.chars().next() {
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            Some(c @ ('/' | '\\' | '"')) => c,
            Some(c @ ('u' | 'U')) => {
                let length = if c == 'u' { 4 } else { 8 };
                let code = rest
                    .get(1..=length)
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
                    .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                    .and_then(char::from_u32);
                return match code {
                    Some(code) => Ok((code, 1 + length)),
                    None => Err(self.malformed("the string names no character")),
                };
            }
            Some('(') => return Err(self.unsupported("an interpolation in a string")),
            _ => return Err(self.malformed("the string has an unknown escape")),
        };
        Ok((c, 1))
    }

    fn push(&mut self, token: Token) {
        self.tokens.push((self.position, token));
    }

    /// A line that can end here does.
    fn end_line(&mut self) {
        let ends = match self.tokens.last() {
            Some((_, Token::Identifier(_) | Token::Number(_) | Token::String(_))) => true,
            Some((_, Token::Symbol(symbol))) => {
                matches!(*symbol, ")" | "]" | "}" | "..." | "?" | "!" | "_|_")
            }
            _ => false,
        };
        if ends {
            self.push(Token::Symbol(","));
        }
    }

    fn advance(&mut self, bytes: usize) {
        let passed = self.rest.get(..bytes).unwrap_or(self.rest);
        for c in passed.chars() {
            match c {
                '\n' => {
                    self.position.line = self.position.line.saturating_add(1);
                    self.position.column = 1;
                }
                _ => self.position.column = self.position.column.saturating_add(1),
            }
        }
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn malformed(&self, reason: &str) -> Fault {
        Fault::Malformed(self.position, reason.to_owned())
    }

    fn unsupported(&self, construct: &str) -> Fault {
        Fault::Unsupported(self.position, construct.to_owned())
    }
}
