//! As much of HTTP/1.1 as well-behaved clients need.

use std::io;
use std::io::BufRead;
use std::io::Read as _;
use std::io::Write;

/// A request.
pub(super) struct Request {
    pub(super) body: Vec<u8>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
}

impl Request {
    /// Reads one; `None` when the client has gone.
    pub(super) fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_ascii_whitespace();
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Self {
            body: Vec::new(),
            headers,
            method,
            path,
            query,
        };
        let length = request.header("content-length");
        let length = length.and_then(|text| text.parse().ok()).unwrap_or(0);
        stream.take(length).read_to_end(&mut request.body)?;
        Ok(Some(request))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(found, _)| found == name)?;
        Some(value)
    }

    /// A field of the query, percent-decoded.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        field(&self.query, name)
    }
}

/// A field of a query or form, percent-decoded.
pub(super) fn field(text: &str, name: &str) -> Option<String> {
    let mut pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(found, _)| *found == name)?;
    let mut decoded = Vec::new();
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

/// An answer.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) status: u16,
}

impl Answer {
    pub(super) fn new(status: u16) -> Self {
        Self {
            body: Vec::new(),
            headers: Vec::new(),
            status,
        }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn body(mut self, media_type: &str, body: Vec<u8>) -> Self {
        self.headers.push(("Content-Type", media_type.to_owned()));
        self.body = body;
        self
    }

    /// Writes it, its body only as far as `most`; a HEAD gets none.
    pub(super) fn write(&self, to: &mut impl Write, method: &str, most: usize) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} -\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", self.body.len()));
        to.write_all(head.as_bytes())?;
        if method != "HEAD" {
            to.write_all(self.body.get(..most).unwrap_or(&self.body))?;
        }
        to.flush()
    }
}
