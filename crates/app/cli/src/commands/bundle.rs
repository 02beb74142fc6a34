//! `sealwright bundle …`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use sealwright::BundleDescription;
use sealwright::BundleParts;
use sealwright::DescribedCertificate;
use sealwright::DescribedContent;
use sealwright::DescribedLogEntry;
use sealwright::Failure;
use sealwright_core::terminal;

use crate::cli::BundleCommand;
use crate::cli::OutputFormat;
use crate::error::Error;
use crate::output;
use crate::output::bundle::InspectDocument;
use crate::printer::BOLD;
use crate::printer::DIM;
use crate::printer::Printer;
use crate::printer::WARN;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    command: BundleCommand,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(TIMEOUT, &bar);
    match command {
        BundleCommand::Create(args) => {
            let parts = BundleParts {
                artifact: args.artifact,
                signature: args.signature,
                attestation: args.attestation,
                certificate: args.certificate,
                key: args.key,
                old_bundle: args.old_bundle,
                log_entry: args.log_entry,
                timestamp: args.timestamp,
            };
            let mut json = sealwright::bundle_create(&context, &parts)?;
            json.push(b'\n');
            write(args.out.as_deref(), &json, printer)?;
        }
        BundleCommand::Inspect { file, output } => {
            let bundles = sealwright::bundle_inspect(&file)?;
            let text = match output {
                OutputFormat::Json => output::to_text(&InspectDocument::new(&bundles))
                    .map_err(|e| Error::stdout(e.into()))?,
                OutputFormat::Text => bundles.iter().map(text).collect(),
            };
            printer.data(&text).map_err(Error::stdout)?;
        }
        BundleCommand::Upgrade {
            file,
            artifact,
            out,
        } => {
            let upgraded = sealwright::bundle_upgrade(&context, &file, artifact.as_deref())?;
            let mut lines = Vec::new();
            for one in &upgraded {
                let before = one.before.unwrap_or("older than bundles");
                let note = match before {
                    "0.3" => "is of version 0.3 already".to_owned(),
                    before => format!("was {before}, is 0.3"),
                };
                printer.talk(&format!("{}: {note}", terminal::escape(&one.location)));
                lines.extend_from_slice(&one.json);
                lines.push(b'\n');
            }
            write(out.as_deref(), &lines, printer)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn write(out: Option<&Path>, content: &[u8], printer: &Printer) -> Result<(), Failure> {
    match out {
        Some(path) => sealwright::write_document(path, &String::from_utf8_lossy(content)),
        None => Ok(printer.bytes(content).map_err(Error::stdout)?),
    }
}

fn text(bundle: &BundleDescription) -> String {
    let mut text = format!(
        "{BOLD}{}{BOLD:#}  {WARN}not verified{WARN:#}\n",
        terminal::escape(&bundle.location)
    );
    let mut lines = Lines(&mut text);
    match bundle.version {
        Some(version) => lines.line("bundle", &format!("version {version}")),
        None => lines.line("bundle", "none: what cosign wrote before there were any"),
    }
    content(&mut lines, &bundle.content);
    lines.line("signature", &format!("{} bytes", bundle.signature_bytes));
    if let Some(hint) = &bundle.key_hint {
        let hint = match hint.is_empty() {
            true => "which one, it does not say",
            false => hint.as_str(),
        };
        lines.line("key", hint);
    }
    for (index, one) in bundle.certificates.iter().enumerate() {
        certificate(&mut lines, one, index);
    }
    if bundle.log_entries.is_empty() {
        lines.line("log entries", "none");
    }
    for entry in &bundle.log_entries {
        log_entry(&mut lines, entry);
    }
    if bundle.timestamps.is_empty() {
        lines.line("timestamps", "none");
    }
    for timestamp in &bundle.timestamps {
        match (&timestamp.time, &timestamp.problem) {
            (Some(time), _) => {
                lines.line("timestamp", &time.to_string());
                if let Some(imprint) = &timestamp.imprint {
                    lines.line("  over", &imprint.to_string());
                }
                if let Some(serial) = &timestamp.serial {
                    lines.line("  serial", serial);
                }
            }
            (None, problem) => {
                let problem = problem.as_deref().unwrap_or_default();
                lines.line("timestamp", &format!("unreadable: {problem}"));
            }
        }
    }
    text
}

/// Lines of names and untrusted values.
struct Lines<'a>(&'a mut String);

impl Lines<'_> {
    fn line(&mut self, name: &str, value: &str) {
        let _ = writeln!(
            self.0,
            "  {DIM}{name:<17}{DIM:#} {}",
            terminal::escape(value)
        );
    }
}

fn content(lines: &mut Lines<'_>, content: &DescribedContent) {
    match content {
        DescribedContent::Message { digest } => {
            lines.line("signed", "an artifact's bytes");
            match digest {
                Some(digest) => lines.line("  digest", &digest.to_string()),
                None => lines.line("  digest", "it does not say"),
            }
        }
        DescribedContent::Statement {
            payload_type,
            predicate_type,
            subjects,
            bytes,
        } => {
            lines.line("signed", &format!("{payload_type}, {bytes} bytes"));
            match predicate_type {
                Some(predicate_type) => lines.line("  predicate", predicate_type),
                None => lines.line("  predicate", "none: it is no statement"),
            }
            for (name, digests) in subjects {
                let digests = digests.join(", ");
                let subject = match name.is_empty() {
                    true => digests,
                    false => format!("{name}  {digests}"),
                };
                lines.line("  about", &subject);
            }
        }
        DescribedContent::SimpleSigning { digest, reference } => {
            lines.line("signed", "an image's digest, as cosign 1 and 2 did");
            if let Some(digest) = digest {
                lines.line("  digest", &digest.to_string());
            }
            if let Some(reference) = reference {
                lines.line("  called", reference);
            }
        }
    }
}

fn certificate(lines: &mut Lines<'_>, one: &DescribedCertificate, index: usize) {
    let what = match (index, one.is_authority) {
        (0, _) => "certificate",
        (_, true) => "issued by",
        (_, false) => "and",
    };
    lines.line(what, &one.fingerprint.to_string());
    if let Some(identity) = &one.identity {
        lines.line("  identity", identity);
    }
    if let Some(issuer) = &one.issuer {
        lines.line("  issuer", issuer);
    }
    let validity = format!("{} to {}", one.not_before, one.not_after);
    lines.line("  valid", &validity);
    lines.line("  serial", &one.serial);
    lines.line("  key", &format!("{} {}", one.key, one.key_id));
    for (name, value) in &one.claims {
        lines.line(&format!("  {name}"), value);
    }
    for (log_id, time) in &one.scts {
        lines.line("  promised to", &format!("CT log {log_id} at {time}"));
    }
}

fn log_entry(lines: &mut Lines<'_>, entry: &DescribedLogEntry) {
    lines.line(
        "log entry",
        &format!("{} of log {}", entry.log_index, entry.log_id),
    );
    lines.line("  kind", &entry.kind);
    if let Some(time) = entry.integrated_at {
        lines.line("  taken at", &time.to_string());
    }
    let promise = match entry.has_promise {
        true => "yes",
        false => "none",
    };
    lines.line("  promise", promise);
    match entry.proof {
        Some((index, size)) => {
            lines.line("  proof", &format!("leaf {index} of {size}"));
            if let Some(root) = &entry.root_hash {
                lines.line("  root hash", root);
            }
            if let Some(origin) = &entry.checkpoint_origin {
                let signers = entry.checkpoint_signers.join(", ");
                lines.line("  checkpoint", &format!("{origin}, signed by {signers}"));
            }
        }
        None => lines.line("  proof", "none"),
    }
}

/// Nothing is asked over a network.
const TIMEOUT: Duration = Duration::from_secs(60);
