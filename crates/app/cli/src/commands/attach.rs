//! `sealwright attach …`.

use std::fmt::Write as _;
use std::process::ExitCode;

use sealwright::AttachOptions;
use sealwright::Failure;
use sealwright::LegacySignatureFiles;
use sealwright::SbomAttachment;
use sealwright_core::terminal;

use crate::cli::AttachArgs;
use crate::cli::AttachCommand;
use crate::cli::OutputFormat;
use crate::error::Error;
use crate::output;
use crate::output::attach::AttachDocument;
use crate::printer::BOLD;
use crate::printer::GOOD;
use crate::printer::Printer;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    command: AttachCommand,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(printer);
    let common = match &command {
        AttachCommand::Attestation { common, .. }
        | AttachCommand::Bundle { common, .. }
        | AttachCommand::Sbom { common, .. }
        | AttachCommand::Signature { common, .. } => common,
    };
    let AttachArgs {
        image,
        platform,
        timeout,
        output,
    } = common;
    let context = settings.context(*timeout, &bar);
    let image = super::parse_target(image)?;
    let options = AttachOptions {
        platform: platform.clone(),
        ..AttachOptions::default()
    };
    let output = *output;
    let attached = match command {
        AttachCommand::Attestation { file, .. } => {
            sealwright::attach_attestation(&context, &image, &file, &options)?
        }
        AttachCommand::Bundle { file, .. } => {
            sealwright::attach_bundle(&context, &image, &file, &options)?
        }
        AttachCommand::Sbom {
            file, media_type, ..
        } => {
            let sbom = SbomAttachment {
                document: file,
                media_type,
            };
            let attached = sealwright::attach_sbom(&context, &image, &sbom, &options)?;
            printer.warn("nobody signed this SBOM: whoever may push can replace it");
            attached
        }
        AttachCommand::Signature {
            file,
            payload,
            certificate,
            certificate_chain,
            rekor_bundle,
            timestamp,
            ..
        } => {
            let files = LegacySignatureFiles {
                signature: file,
                payload,
                certificate,
                chain: certificate_chain,
                rekor_bundle,
                timestamp,
            };
            sealwright::attach_signature(&context, &image, &files, &options)?
        }
    };
    let text = match output {
        OutputFormat::Json => {
            output::to_text(&AttachDocument::new(&attached)).map_err(|e| Error::stdout(e.into()))?
        }
        OutputFormat::Text => {
            let mut text = format!(
                "{GOOD}attached{GOOD:#} to {BOLD}{}{BOLD:#} {}\n",
                terminal::escape(&attached.image),
                attached.digest
            );
            for location in &attached.locations {
                let _ = writeln!(text, "  {}", terminal::escape(location));
            }
            text
        }
    };
    printer.data(&text).map_err(Error::stdout)?;
    Ok(ExitCode::SUCCESS)
}
