//! `sealwright clean`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::io::BufRead as _;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use sealwright::CleanOptions;
use sealwright::Cleaned;
use sealwright::Confirmation;
use sealwright::EvidenceKind;
use sealwright::Failure;
use sealwright::Removal;
use sealwright::RemovalOutcome;
use sealwright_core::terminal;

use crate::cli::CleanArgs;
use crate::cli::CleanChoice;
use crate::cli::OutputFormat;
use crate::error::Error;
use crate::output;
use crate::output::clean::CleanDocument;
use crate::printer::BAD;
use crate::printer::BOLD;
use crate::printer::DIM;
use crate::printer::GOOD;
use crate::printer::Printer;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    args: &CleanArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(args.timeout, &bar);
    let image = super::parse_target(&args.image)?;
    let kinds = match args.kind {
        CleanChoice::All => BTreeSet::new(),
        CleanChoice::Attestation => BTreeSet::from([EvidenceKind::Attestation]),
        CleanChoice::Sbom => BTreeSet::from([EvidenceKind::Sbom]),
        CleanChoice::Signature => BTreeSet::from([EvidenceKind::Signature]),
    };
    let mut declined = false;
    let mut confirm = |planned: &[Removal]| {
        if args.yes {
            return Ok(Confirmation::Yes);
        }
        let answer = ask(&args.image, planned, printer)?;
        declined = answer == Confirmation::No;
        Ok(answer)
    };
    let options = CleanOptions {
        kinds,
        platform: args.platform.clone(),
    };
    let cleaned = sealwright::clean(&context, &image, &options, &mut confirm)?;
    let text = match args.output {
        OutputFormat::Json => {
            output::to_text(&CleanDocument::new(&cleaned)).map_err(|e| Error::stdout(e.into()))?
        }
        OutputFormat::Text => text(&cleaned, declined),
    };
    printer.data(&text).map_err(Error::stdout)?;
    let mut worst = None;
    let mut seen = BTreeSet::new();
    for (_, outcome) in cleaned.removals {
        if let RemovalOutcome::Failed(failure) = outcome {
            // Each reason once.
            if seen.insert(failure.code().to_string()) {
                super::report(printer, &failure);
            }
            worst = Some(super::worse(worst, failure));
        }
    }
    Ok(super::exit_code(worst.as_ref()))
}

fn ask(image: &str, planned: &[Removal], printer: &Printer) -> Result<Confirmation, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Error::ConfirmationMissing {
            count: planned.len(),
        }
        .into());
    }
    let mut question = String::new();
    for removal in planned {
        let _ = writeln!(question, "  {}", line(removal));
    }
    let _ = write!(
        question,
        "Remove {} from {BOLD}{}{BOLD:#}? The image itself stays. [y/N]",
        pieces(planned.len()),
        terminal::escape(image)
    );
    printer.request(&question);
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    match read.map(|_| answer.trim().to_ascii_lowercase()) {
        Ok(answer) if answer == "y" || answer == "yes" => Ok(Confirmation::Yes),
        _ => Ok(Confirmation::No),
    }
}

fn text(cleaned: &Cleaned, declined: bool) -> String {
    if declined {
        return "nothing was removed\n".to_owned();
    }
    if cleaned.removals.is_empty() {
        return format!(
            "{BOLD}{}{BOLD:#} has nothing of the kind attached to it\n",
            terminal::escape(&cleaned.image)
        );
    }
    let mut text = String::new();
    for (removal, outcome) in &cleaned.removals {
        let (style, word) = match outcome {
            RemovalOutcome::Failed(_) => (BAD, "not removed"),
            RemovalOutcome::Gone => (DIM, "was gone"),
            RemovalOutcome::Removed => (GOOD, "removed"),
        };
        let _ = writeln!(text, "{style}{word}{style:#}  {}", line(removal));
    }
    text
}

fn line(removal: &Removal) -> String {
    let mut line = format!("{:<11}  {}", removal.kind.name(), removal.digest);
    if let Some(tag) = &removal.tag {
        let _ = write!(line, "  {DIM}tag{DIM:#} {}", terminal::escape(tag));
    }
    line
}

fn pieces(count: usize) -> String {
    match count {
        1 => "this piece of evidence".to_owned(),
        count => format!("these {count} pieces of evidence"),
    }
}
