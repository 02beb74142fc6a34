//! `sealwright copy`, `save` and `load`.

use std::fmt::Write as _;
use std::process::ExitCode;

use sealwright::Copied;
use sealwright::CopyOptions;
use sealwright::EvidenceKind;
use sealwright::Failure;
use sealwright::TakenTag;
use sealwright_core::terminal;

use crate::cli::CopyArgs;
use crate::cli::EvidenceChoice;
use crate::cli::LoadArgs;
use crate::cli::OutputFormat;
use crate::cli::SaveArgs;
use crate::error::Error;
use crate::output;
use crate::output::copy::CopyDocument;
use crate::printer::BOLD;
use crate::printer::DIM;
use crate::printer::GOOD;
use crate::printer::Printer;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    args: CopyArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(args.common.timeout, &bar);
    let copied = sealwright::copy(
        &context,
        &super::parse_target(&args.source)?,
        &super::parse_target(&args.destination)?,
        &CopyOptions {
            only: args.only.into_iter().map(kind).collect(),
            platform: args.platform,
            taken: match args.keep_tag {
                true => TakenTag::Refuse,
                false => TakenTag::Replace,
            },
        },
    )?;
    show(&copied, "copied", args.common.output, printer)
}

pub(super) fn save(
    args: &SaveArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(args.common.timeout, &bar);
    let image = super::parse_target(&args.image)?;
    let platform = args.platform.as_deref();
    let saved = sealwright::save(&context, &image, &args.directory, platform)?;
    show(&saved, "saved", args.common.output, printer)
}

pub(super) fn load(
    args: &LoadArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(args.common.timeout, &bar);
    let image = super::parse_target(&args.image)?;
    let loaded = sealwright::load(&context, &args.directory, &image)?;
    show(&loaded, "loaded", args.common.output, printer)
}

fn kind(choice: EvidenceChoice) -> EvidenceKind {
    match choice {
        EvidenceChoice::Attestation => EvidenceKind::Attestation,
        EvidenceChoice::Sbom => EvidenceKind::Sbom,
        EvidenceChoice::Signature => EvidenceKind::Signature,
    }
}

fn show(
    copied: &Copied,
    verb: &str,
    format: OutputFormat,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    for (digest, reason) in &copied.passed {
        printer.warn(&format!(
            "{digest} is listed at the source and was not copied: {}",
            terminal::escape(reason)
        ));
    }
    let text = match format {
        OutputFormat::Json => {
            output::to_text(&CopyDocument::new(copied)).map_err(|e| Error::stdout(e.into()))?
        }
        OutputFormat::Text => text(copied, verb),
    };
    printer.data(&text).map_err(Error::stdout)?;
    Ok(ExitCode::SUCCESS)
}

fn text(copied: &Copied, verb: &str) -> String {
    let done = &copied.transferred;
    let mut text = format!(
        "{GOOD}{verb}{GOOD:#} {BOLD}{}{BOLD:#}\n",
        terminal::escape(&copied.destination)
    );
    if let Some(tag) = &copied.tag {
        let _ = writeln!(text, "  {DIM}tag{DIM:#}        {}", terminal::escape(tag));
    }
    let _ = writeln!(
        text,
        "  {DIM}blobs{DIM:#}      {} sent ({}), {} mounted, {} there before",
        done.blobs_sent,
        super::bytes(done.bytes_sent),
        done.blobs_mounted,
        done.blobs_there
    );
    let _ = writeln!(
        text,
        "  {DIM}manifests{DIM:#}  {} written, {} there before",
        done.manifests_written, done.manifests_there
    );
    for tag in &done.tags {
        let _ = writeln!(text, "  {DIM}evidence{DIM:#}   {}", terminal::escape(tag));
    }
    text
}
