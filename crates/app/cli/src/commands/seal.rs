//! `sealwright seal`.

use std::process::ExitCode;

use sealwright::Failure;
use sealwright::SbomFormat;
use sealwright::SealOptions;

use super::signing;
use super::signing::Shown;
use crate::cli::ProvenanceChoice;
use crate::cli::SbomChoice;
use crate::cli::SealArgs;
use crate::output::seal::SealDocument;
use crate::printer::Printer;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    args: SealArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let targets = super::parse_targets(&args.targets)?;
    let kinds = required_kinds(&args);
    let bar = Bar::new(printer);
    let context = settings.context(args.signing.timeout, &bar);
    let options = SealOptions {
        sbom: match args.sbom {
            SbomChoice::Cyclonedx => Some(SbomFormat::CycloneDxJson),
            SbomChoice::None => None,
            SbomChoice::Spdx => Some(SbomFormat::SpdxJson),
        },
        provenance: args.provenance == ProvenanceChoice::Auto,
        annotations: args.annotations.into_iter().collect(),
        out: args.out,
        signing: signing::options(&args.signing, &context, printer)?,
        again: args.again,
        dry_run: args.dry_run,
    };
    let results = sealwright::seal(&context, &targets, &options);
    let is_local = results
        .iter()
        .flatten()
        .any(|sealed| sealed.self_asserted && !options.dry_run);
    let shown = Shown {
        signing: &args.signing,
        bundle: None,
        out: options.out.as_deref(),
        require: &kinds,
        verb: "sealed",
        format: args.output,
    };
    let document = |targets| SealDocument {
        schema: "sealwright.dev/seal/v1",
        targets,
    };
    let code = shown.print(&targets, results, document, printer)?;
    if settings.is_ephemeral() && is_local {
        printer.warn(
            "this looks like a machine that is thrown away: its trusted root dies with it. \
             Keep the output of `sealwright root show`, or the data directory (`sealwright root export`)",
        );
    }
    Ok(code)
}

fn required_kinds(args: &SealArgs) -> String {
    let mut kinds = vec!["signature"];
    if args.provenance == ProvenanceChoice::Auto {
        kinds.push("provenance");
    }
    if args.sbom != SbomChoice::None {
        kinds.push("sbom");
    }
    kinds.join(",")
}
