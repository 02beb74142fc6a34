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
    args: TreeArgs,
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

/// What is attached to a node, what it holds, and its platforms, each on a branch.
fn below(text: &mut String, node: &TreeNode, indent: &str) {
    let count = node.pieces.len() + node.attached.len() + node.children.len();
    let mut branch = Branches { left: count, indent };
    for piece in &node.pieces {
        let (fork, _) = branch.next();
        let _ = writeln!(text, "{fork}{}", piece_line(piece));
    }
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
            0 => ("└── ", "    "),
            _ => ("├── ", "│   "),
        };
        (
            format!("{}{DIM}{fork}{DIM:#}", self.indent),
            format!("{}{DIM}{trunk}{DIM:#}", self.indent),
        )
    }
}

fn image_line(node: &TreeNode) -> String {
    let what = match (&node.platform, node.media_type.contains("index") || node.media_type.contains("list")) {
        (Some(platform), _) => terminal::escape(platform).into_owned(),
        (None, true) => "index".to_owned(),
        (None, false) => "image".to_owned(),
    };
    format!(
        "{BOLD}{what}{BOLD:#}  {}  {DIM}{}{DIM:#}",
        node.digest,
        super::bytes(node.size)
    )
}

fn evidence_line(node: &TreeNode) -> String {
    let kind = node.kind.map_or("image", EvidenceKind::name);
    let mut line = format!("{BOLD}{kind}{BOLD:#}  {}", node.digest);
    match &node.tag {
        Some(tag) => {
            let _ = write!(line, "  {DIM}tag{DIM:#} {}", terminal::escape(tag));
        }
        None => {
            let _ = write!(line, "  {DIM}referrer{DIM:#}");
        }
    }
    if let (Some(EvidenceKind::Other), Some(artifact_type)) = (node.kind, &node.artifact_type) {
        let _ = write!(line, "  {}", terminal::escape(artifact_type));
    }
    line
}

fn piece_line(piece: &TreePiece) -> String {
    let mut line = String::new();
    if let Some(problem) = &piece.problem {
        let _ = write!(line, "{WARN}unreadable{WARN:#} {}", terminal::escape(problem));
        return line;
    }
    line.push_str(&terminal::escape(&piece.media_type));
    if let Some(digest) = &piece.digest {
        let _ = write!(line, "  {digest}  {DIM}{}{DIM:#}", super::bytes(piece.size));
    }
    if let Some(predicate_type) = &piece.predicate_type {
        let _ = write!(line, "  {}", terminal::escape(predicate_type));
    }
    if let Some(identity) = &piece.identity {
        let _ = write!(line, "  {DIM}says by{DIM:#} {}", terminal::escape(identity));
        if let Some(issuer) = &piece.issuer {
            let _ = write!(line, " {DIM}of{DIM:#} {}", terminal::escape(issuer));
        }
        let _ = write!(line, " {DIM}(unverified){DIM:#}");
    }
    if let Some(time) = piece.logged_at {
        let _ = write!(line, "  {DIM}logged{DIM:#} {}", time.truncated_to_second());
    }
    if let Some(index) = piece.log_index {
        let _ = write!(line, "  {DIM}log{DIM:#} {index}");
    }
    line
}
