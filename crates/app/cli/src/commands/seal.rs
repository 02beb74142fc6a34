//! `sealwright seal`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use sealwright::Failure;
use sealwright::LogVersion;
use sealwright::SbomFormat;
use sealwright::SealOptions;
use sealwright::SealOutcome;
use sealwright::SealedTarget;
use sealwright_core::Target;
use sealwright_core::terminal;

use crate::cli::OutputFormat;
use crate::cli::ProvenanceChoice;
use crate::cli::SbomChoice;
use crate::cli::SealArgs;
use crate::error::Error;
use crate::output;
use crate::output::seal::SealDocument;
use crate::output::seal::SealTarget;
use crate::paste;
use crate::printer::BOLD;
use crate::printer::DIM;
use crate::printer::GOOD;
use crate::printer::Printer;
use crate::printer::WARN;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    args: SealArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    settings.may_sign()?;
    let targets = super::parse_targets(&args.targets)?;
    let kinds = required_kinds(&args);
    let options = SealOptions {
        sbom: match args.sbom {
            SbomChoice::Cyclonedx => Some(SbomFormat::CycloneDxJson),
            SbomChoice::None => None,
            SbomChoice::Spdx => Some(SbomFormat::SpdxJson),
        },
        provenance: args.provenance == ProvenanceChoice::Auto,
        annotations: args.annotations.into_iter().collect(),
        out: args.out,
        log_version: if args.rekor_version == "2" {
            LogVersion::V2
        } else {
            LogVersion::V1
        },
        again: args.again,
        dry_run: args.dry_run,
    };
    let bar = Bar::new(printer);
    let results = sealwright::seal(&settings.context(args.timeout, &bar), &targets, &options);

    let command = |target: &Target, sealed: &SealedTarget| {
        verify_command(target, sealed, options.out.as_deref(), &kinds)
    };
    let mut document = SealDocument {
        schema: "sealwright.dev/seal/v1",
        targets: Vec::new(),
    };
    let mut worst: Option<Failure> = None;
    for (target, result) in targets.iter().zip(results) {
        match result {
            Ok(sealed) => {
                let verify = command(target, &sealed);
                if args.output == OutputFormat::Text {
                    let text = describe(&sealed, verify.as_deref());
                    printer.data(&text).map_err(Error::stdout)?;
                }
                for warning in &sealed.warnings {
                    printer.warn(&terminal::escape(warning));
                }
                document.targets.push(SealTarget::new(&sealed, verify));
            }
            Err(failure) => {
                super::report(printer, &failure);
                worst = Some(super::worse(worst, failure));
            }
        }
    }
    if args.output == OutputFormat::Json {
        let text = output::to_text(&document).map_err(|e| Error::stdout(e.into()))?;
        printer.data(&text).map_err(Error::stdout)?;
    }
    if settings.is_ephemeral() && !options.dry_run && !document.targets.is_empty() {
        printer.warn(
            "this looks like a machine that is thrown away: its trusted root dies with it. \
             Keep the output of `sealwright root show`, or the data directory (`sealwright root export`)",
        );
    }
    Ok(super::exit_code(worst.as_ref()))
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

/// The command that verifies what was sealed, as it can be pasted into the same shell.
fn verify_command(
    target: &Target,
    sealed: &SealedTarget,
    out: Option<&Path>,
    kinds: &str,
) -> Option<String> {
    let (identity, issuer) = sealed.identity.as_ref().zip(sealed.issuer.as_ref())?;
    if sealed.outcome == SealOutcome::DryRun {
        return None;
    }
    let named = match target {
        // The digest that was sealed, not whatever the tag names by then.
        Target::Image(reference) => reference.at(sealed.digest).to_string(),
        other => other.to_string(),
    };
    let mut command = format!("{} verify {}", paste::program(), paste::quote(&named));
    if let (Some(_), Some(lines)) = (out, &sealed.all_bundles) {
        let lines = lines.display().to_string();
        let _ = write!(command, " --bundle {}", paste::quote(&lines));
    }
    let _ = write!(
        command,
        " --identity {} --issuer {} --require {kinds}",
        paste::quote(identity.value()),
        paste::quote(issuer),
    );
    Some(command)
}

fn describe(sealed: &SealedTarget, verify: Option<&str>) -> String {
    let mut text = String::new();
    let (style, word) = match sealed.outcome {
        SealOutcome::DryRun => (WARN, "would seal"),
        SealOutcome::Replaced => (GOOD, "sealed anew"),
        SealOutcome::Sealed => (GOOD, "sealed"),
        SealOutcome::Unchanged => (DIM, "unchanged, nothing to do"),
    };
    let target = terminal::escape(&sealed.target);
    let _ = writeln!(text, "{style}{word}{style:#} {BOLD}{target}{BOLD:#}");
    let _ = writeln!(text, "  digest      {}", sealed.digest);
    match sealed.identity.as_ref().zip(sealed.issuer.as_ref()) {
        Some((identity, issuer)) => {
            let identity = terminal::escape(identity.value());
            let _ = writeln!(text, "  identity    {identity} {DIM}(self-asserted){DIM:#}");
            let _ = writeln!(text, "  issuer      {}", terminal::escape(issuer));
        }
        None => {
            let _ = writeln!(
                text,
                "  identity    made with the data directory, on first use"
            );
        }
    }
    if sealed.outcome == SealOutcome::Replaced {
        let _ = writeln!(
            text,
            "  the artifact had changed: its old evidence was replaced"
        );
    }
    for made in &sealed.evidence {
        let index = made
            .log_index
            .map_or_else(|| "-".to_owned(), |index| format!("log index {index}"));
        let platform = made
            .platform
            .as_ref()
            .map(|platform| format!(" {}", terminal::escape(platform)))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "  {:<11} {index:<14} {}{DIM}{platform}{DIM:#}",
            made.kind.name(),
            terminal::escape(&made.location)
        );
    }
    if let Some(verify) = verify {
        let _ = writeln!(text, "verify it with:\n  {verify}");
    }
    text
}
