//! `sealwright tree`.

use std::fmt::Write as _;
use std::process::ExitCode;

use sealwright::EvidenceKind;
use sealwright::Failure;
use sealwright::ImageTree;
use sealwright::TreeNode;
use sealwright::TreePiece;
use sealwright_core::terminal;

use crate::cli::OutputFormat;
use crate::cli::TreeArgs;
use crate::error::Error;
use crate::output;
use crate::output::tree::TreeDocument;
use crate::printer::BOLD;
use crate::printer::DIM;
use crate::printer::Printer;
use crate::printer::WARN;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    args: &TreeArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(args.timeout, &bar);
    let image = super::parse_target(&args.image)?;
    let tree = sealwright::tree(&context, &image, args.platform.as_deref())?;
    let text = match args.output {
        OutputFormat::Json => {
            output::to_text(&TreeDocument::new(&tree)).map_err(|e| Error::stdout(e.into()))?
        }
        OutputFormat::Text => text(&tree),
    };
    printer.data(&text).map_err(Error::stdout)?;
    for (digest, reason) in &tree.passed {
        printer.warn(&format!(
            "{digest} is listed and passed over: {}",
            terminal::escape(reason)
        ));
    }
    if tree.truncated {
        printer.warn("there is more than is shown");
    }
    if args.output == OutputFormat::Text && !is_empty(&tree.root) {
        printer.talk("nothing of this is verified; `sealwright verify` decides");
    }
    Ok(ExitCode::SUCCESS)
}

fn text(tree: &ImageTree) -> String {
    let mut text = format!("{BOLD}{}{BOLD:#}\n", terminal::escape(&tree.image));
    let _ = writeln!(text, "{}", image_line(&tree.root));
    below(&mut text, &tree.root, "");
    if is_empty(&tree.root) {
        text.push_str("nothing is attached to it\n");
    }
    text
}

fn is_empty(node: &TreeNode) -> bool {
    node.attached.is_empty() && node.children.iter().all(is_empty)
}

/// What a node holds, what is attached to it, and its platforms, each on a branch.
fn below(text: &mut String, node: &TreeNode, indent: &str) {
    let count = node.attached.len() + node.children.len();
    let trunk = match count {
        0 => "  ".to_owned(),
        _ => format!("{DIM}│{DIM:#} "),
    };
    for piece in &node.pieces {
        for line in piece_lines(piece) {
            let _ = writeln!(text, "{indent}{trunk}{line}");
        }
    }
    let mut branch = Branches {
        left: count,
        indent,
    };
    for attached in &node.attached {
        let (fork, indent) = branch.next();
        let _ = writeln!(text, "{fork}{}", evidence_line(attached));
        below(text, attached, &indent);
    }
    for child in &node.children {
        let (fork, indent) = branch.next();
        let _ = writeln!(text, "{fork}{}", image_line(child));
        below(text, child, &indent);
    }
}

struct Branches<'a> {
    left: usize,
    indent: &'a str,
}

impl Branches<'_> {
    /// What stands before the next line, and before those below it.
    fn next(&mut self) -> (String, String) {
        self.left = self.left.saturating_sub(1);
        let (fork, trunk) = match self.left {
            0 => ("└─ ", "   "),
            _ => ("├─ ", "│  "),
        };
        (
            format!("{}{DIM}{fork}{DIM:#}", self.indent),
            format!("{}{DIM}{trunk}{DIM:#}", self.indent),
        )
    }
}

fn image_line(node: &TreeNode) -> String {
    let is_index = ["index", "list"]
        .iter()
        .any(|word| node.media_type.contains(word));
    let what = match (&node.platform, is_index) {
        (Some(platform), _) => terminal::escape(platform).into_owned(),
        (None, true) => "index".to_owned(),
        (None, false) => "image".to_owned(),
    };
    let size = super::bytes(node.size);
    format!("{BOLD}{what}{BOLD:#} {} {DIM}{size}{DIM:#}", node.digest)
}

fn evidence_line(node: &TreeNode) -> String {
    let kind = node.kind.map_or("image", EvidenceKind::name);
    let how = match &node.tag {
        // The rest of the tag is the digest of what it is attached to.
        Some(tag) => format!("tag …{}", terminal::escape(ending(tag))),
        None => "referrer".to_owned(),
    };
    let mut line = format!("{BOLD}{kind}{BOLD:#} {} {DIM}{how}{DIM:#}", node.digest);
    if let (Some(EvidenceKind::Other), Some(artifact_type)) = (node.kind, &node.artifact_type) {
        let _ = write!(line, " {}", terminal::escape(artifact_type));
    }
    line
}

/// What a piece is, and on a line of its own who says so.
fn piece_lines(piece: &TreePiece) -> Vec<String> {
    if let Some(problem) = &piece.problem {
        let problem = terminal::escape(problem);
        return vec![format!("{WARN}unreadable{WARN:#} {problem}")];
    }
    let what = piece.predicate_type.as_ref().unwrap_or(&piece.media_type);
    let mut lines = vec![format!(
        "{} {DIM}{}{DIM:#}",
        terminal::escape(what),
        super::bytes(piece.size)
    )];
    if let Some(identity) = &piece.identity {
        let identity = terminal::escape(identity);
        lines.push(format!("says by {identity} {DIM}(unverified){DIM:#}"));
    }
    let mut said = Vec::new();
    if let Some(issuer) = &piece.issuer {
        said.push(format!("of {}", terminal::escape(issuer)));
    }
    if let Some(time) = piece.logged_at {
        said.push(format!("logged {}", time.truncated_to_second()));
    }
    if let Some(index) = piece.log_index {
        said.push(format!("at {index}"));
    }
    if !said.is_empty() {
        lines.push(said.join(" "));
    }
    lines
}

fn ending(tag: &str) -> &str {
    tag.rfind('.').and_then(|dot| tag.get(dot..)).unwrap_or(tag)
}
