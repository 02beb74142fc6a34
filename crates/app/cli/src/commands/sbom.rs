//! `sealwright sbom …`.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use sealwright::Failure;
use sealwright::SbomFormat;
use sealwright::Signer;
use sealwright::SignerFlags;
use sealwright_core::terminal;

use crate::cli::DocumentFormat;
use crate::cli::OutputFormat;
use crate::cli::SbomCommand;
use crate::error::Error;
use crate::output;
use crate::output::sbom::SbomDocument;
use crate::printer::Printer;
use crate::progress::Bar;
use crate::settings::Settings;

const TIMEOUT: Duration = Duration::from_secs(180);

pub(super) fn run(
    command: SbomCommand,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(TIMEOUT, &bar);
    match command {
        SbomCommand::Show {
            target,
            identity,
            issuer,
            key,
            trusted_root,
            output,
        } => {
            let target = super::parse_target(&target)?;
            let signer = Signer::from_flags(
                &context,
                SignerFlags {
                    identity: identity.as_deref(),
                    issuer: issuer.as_deref(),
                    key: key.as_ref(),
                    ..SignerFlags::default()
                },
            )?;
            let packages =
                sealwright::sbom_show(&context, &target, signer, trusted_root.as_deref())?;
            let text = match output {
                OutputFormat::Json => {
                    output::to_text(&SbomDocument::new(&target.to_string(), &packages))
                        .map_err(|e| Error::stdout(e.into()))?
                }
                OutputFormat::Text => {
                    let mut text = String::new();
                    for package in &packages {
                        let _ = writeln!(
                            text,
                            "{}\t{}\t{}",
                            terminal::escape(&package.name),
                            terminal::escape(&package.version),
                            terminal::escape(package.purl.as_deref().unwrap_or_default())
                        );
                    }
                    text
                }
            };
            printer.data(&text).map_err(Error::stdout)?;
        }
        SbomCommand::Generate { target, output } => {
            let target = super::parse_target(&target)?;
            let format = match output {
                DocumentFormat::Cyclonedx => SbomFormat::CycloneDxJson,
                DocumentFormat::Spdx => SbomFormat::SpdxJson,
            };
            let document = sealwright::sbom_generate(&context, &target, format)?;
            printer.bytes(&document).map_err(Error::stdout)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
