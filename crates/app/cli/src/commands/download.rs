//! `sealwright download …`.

use std::process::ExitCode;

use sealwright::DownloadOptions;
use sealwright::DownloadedEvidence;
use sealwright::DownloadedForm;
use sealwright::EvidenceKind;
use sealwright::Failure;

use crate::cli::DownloadArgs;
use crate::cli::DownloadCommand;
use crate::cli::OutputFormat;
use crate::error::Error;
use crate::output;
use crate::output::download::DownloadDocument;
use crate::printer::Printer;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    command: DownloadCommand,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let (common, kind, predicate_type) = match command {
        DownloadCommand::Attestation {
            predicate_type,
            common,
        } => (common, Some(EvidenceKind::Attestation), predicate_type),
        DownloadCommand::Bundle {
            predicate_type,
            common,
        } => (common, None, predicate_type),
        DownloadCommand::Sbom { common } => (common, Some(EvidenceKind::Sbom), None),
        DownloadCommand::Signature { common } => (common, Some(EvidenceKind::Signature), None),
    };
    let DownloadArgs {
        image,
        platform,
        timeout,
        output,
    } = common;
    let bar = Bar::new(printer);
    let context = settings.context(timeout, &bar);
    let target = super::parse_target(&image)?;
    let options = DownloadOptions {
        form: kind.is_none().then_some(DownloadedForm::Bundle),
        kind,
        predicate_type,
        platform,
    };
    let found = sealwright::download(&context, &target, &options)?;
    let bytes = match output {
        OutputFormat::Json => output::to_text(&DownloadDocument::new(&image, &found))
            .map_err(|e| Error::stdout(e.into()))?
            .into_bytes(),
        OutputFormat::Text => found.iter().flat_map(line).collect(),
    };
    printer.bytes(&bytes).map_err(Error::stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// A piece as it is: an SBOM byte for byte, everything else on a line of its own.
fn line(piece: &DownloadedEvidence) -> Vec<u8> {
    let mut line = piece.content.clone();
    if piece.kind == EvidenceKind::Sbom {
        return line;
    }
    // JSON has no line feed but between its tokens.
    line.retain(|byte| !matches!(byte, b'\n' | b'\r'));
    line.push(b'\n');
    line
}
