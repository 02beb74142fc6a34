//! `sealwright verify`.

use std::fmt::Write as _;
use std::process::ExitCode;

use sealwright::CheckOutcome;
use sealwright::Context;
use sealwright::Failure;
use sealwright::JudgedEvidence;
use sealwright::JudgedPolicy;
use sealwright::JudgedTarget;
use sealwright::LogCheck;
use sealwright::Signer;
use sealwright::SignerFlags;
use sealwright::VerifyOptions;
use sealwright_core::Class;
use sealwright_core::terminal;

use crate::cli::OutputFormat;
use crate::cli::VerifyArgs;
use crate::error::Error;
use crate::output;
use crate::output::verify::VerifyDocument;
use crate::output::verify::VerifyTarget;
use crate::paste;
use crate::printer::BAD;
use crate::printer::BOLD;
use crate::printer::DIM;
use crate::printer::GOOD;
use crate::printer::Printer;
use crate::printer::WARN;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    args: VerifyArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let targets = super::parse_targets(&args.targets)?;
    let logs = match args.insecure_ignore_tlog {
        true => LogCheck::IgnoreUnsafe,
        false => LogCheck::Verify,
    };
    if logs == LogCheck::IgnoreUnsafe {
        printer
            .warn("--insecure-ignore-tlog: signatures that no transparency log holds are accepted");
    }
    let bar = Bar::new(printer);
    let context = settings.context(args.timeout, &bar);
    let options = VerifyOptions {
        signer: signer(&args, &context)?,
        require: args.require,
        policies: args.policy,
        bundle: args.bundle,
        trusted_root: args.trusted_root,
        logs,
        offline: args.offline,
        ..VerifyOptions::default()
    };
    let judged = sealwright::verify(&context, &targets, &options);

    let worst = judged
        .iter()
        .filter_map(JudgedTarget::class)
        .min_by_key(|class| rank(*class));
    if args.output == OutputFormat::Json {
        let document = VerifyDocument {
            schema: "sealwright.dev/verify/v1",
            decision: worst.map_or("accepted", Class::name),
            targets: judged.iter().map(VerifyTarget::new).collect(),
        };
        let text = output::to_text(&document).map_err(|e| Error::stdout(e.into()))?;
        printer.data(&text).map_err(Error::stdout)?;
    }
    for target in &judged {
        if args.output == OutputFormat::Text {
            let text = describe(target, printer.is_verbose());
            printer.data(&text).map_err(Error::stdout)?;
        }
        if let Some(failure) = &target.failure {
            super::report(printer, failure);
            if failure.code().as_str() == "usage.identity-required" {
                suggest(target, printer);
            }
        }
    }
    Ok(worst.map_or(ExitCode::SUCCESS, |class| ExitCode::from(class.exit_code())))
}

/// The identity and the keys that were named; a signature by any of them will do.
fn signer(args: &VerifyArgs, context: &Context<'_>) -> Result<Option<Signer>, Failure> {
    let mut signer = Signer::from_flags(
        context,
        SignerFlags {
            identity: args.identity.as_deref(),
            identity_regexp: args.identity_regexp.as_deref(),
            issuer: args.issuer.as_deref(),
            issuer_regexp: args.issuer_regexp.as_deref(),
            claims: &args.require_claim,
            ..SignerFlags::default()
        },
    )?;
    for key in &args.key {
        let flags = SignerFlags {
            key: Some(key),
            offline: args.offline,
            ..SignerFlags::default()
        };
        let holder = Signer::from_flags(context, flags)?;
        signer = match (signer, holder) {
            (Some(signer), Some(holder)) => Some(signer.or(holder)),
            (signer, holder) => signer.or(holder),
        };
    }
    Ok(signer)
}

/// Which class decides the exit code when several targets fail: a no before a don't-know.
fn rank(class: Class) -> u8 {
    match class {
        Class::Bug => 0,
        Class::Rejected => 1,
        Class::Auth => 2,
        Class::Undecided => 3,
        Class::Usage => 4,
    }
}

fn describe(target: &JudgedTarget, verbose: bool) -> String {
    let mut text = String::new();
    let (style, word) = match target.class() {
        None => (GOOD, "accepted"),
        Some(Class::Rejected) => (BAD, "rejected"),
        Some(Class::Usage) => (WARN, "not judged"),
        Some(_) => (WARN, "undecided"),
    };
    let name = terminal::escape(&target.target);
    let _ = writeln!(text, "{style}{word}{style:#} {BOLD}{name}{BOLD:#}");
    if let Some(digest) = &target.digest {
        let _ = writeln!(text, "  digest  {digest}");
    }
    for evidence in &target.evidence {
        describe_evidence(&mut text, evidence, verbose || target.failure.is_some());
    }
    let missing: Vec<String> = target
        .required
        .iter()
        .filter(|(_, met)| !met)
        .map(|(claim, _)| terminal::escape(&claim.to_string()).into_owned())
        .collect();
    if !missing.is_empty() {
        let (style, mark) = mark(false);
        let _ = writeln!(
            text,
            "  {style}{mark}{style:#} not proved: {}",
            missing.join(", ")
        );
    }
    text
}

fn describe_evidence(text: &mut String, evidence: &JudgedEvidence, with_checks: bool) {
    let (style, mark_text) = match &evidence.problem {
        None => mark(true),
        Some(problem) if problem.class == Class::Rejected => mark(false),
        Some(problem) if problem.class == Class::Usage => (DIM, "-"),
        Some(_) => (WARN, "?"),
    };
    let _ = write!(
        text,
        "  {style}{mark_text}{style:#} {:<10} {}",
        evidence.kind.name(),
        terminal::escape(&evidence.location)
    );
    if evidence.problem.is_none() {
        if let Some(identity) = &evidence.identity {
            let _ = write!(text, "  {DIM}by{DIM:#} {}", terminal::escape(identity));
        }
        if let Some(key) = &evidence.key {
            let _ = write!(text, "  {DIM}by key{DIM:#} {key}");
        }
        if let Some(time) = evidence.signed_at {
            let _ = write!(text, "  {DIM}at{DIM:#} {}", time.truncated_to_second());
        }
        if let Some(profile) = evidence.profile {
            let _ = write!(text, "  {DIM}of{DIM:#} {profile}");
        }
        for weakening in &evidence.weakenings {
            let _ = write!(text, "  {WARN}{}{WARN:#}", weakening.name());
        }
        if let Some(index) = evidence.log_index {
            let _ = write!(text, "  {DIM}log{DIM:#} {index}");
        }
    }
    text.push('\n');
    let is_judged = evidence
        .problem
        .as_ref()
        .is_none_or(|problem| problem.class != Class::Usage);
    if with_checks && is_judged {
        for check in &evidence.checks {
            let (style, mark) = check_mark(check.outcome);
            let _ = writeln!(
                text,
                "      {style}{mark}{style:#} {:<28} {}",
                check.name.name(),
                terminal::escape(&check.detail)
            );
        }
        for policy in &evidence.policies {
            describe_policy(text, policy);
        }
        if let Some(problem) = &evidence.problem {
            let told = evidence
                .policies
                .iter()
                .any(|policy| policy.outcome != CheckOutcome::Passed)
                || evidence
                    .checks
                    .last()
                    .is_some_and(|check| check.detail == problem.message);
            let message = match told {
                true => String::new(),
                false => format!(": {}", terminal::escape(&problem.message)),
            };
            let _ = writeln!(text, "        {BOLD}{}{BOLD:#}{message}", problem.code);
        }
    } else if let (Some(problem), true) = (&evidence.problem, is_judged) {
        // Others decided, and still: why this one does not count.
        let message = terminal::escape(&problem.message);
        let _ = writeln!(text, "        {BOLD}{}{BOLD:#}: {message}", problem.code);
    }
}

fn describe_policy(text: &mut String, policy: &JudgedPolicy) {
    let (style, mark) = check_mark(policy.outcome);
    let name = terminal::escape(&policy.policy);
    let word = match policy.outcome {
        CheckOutcome::Passed => "satisfied",
        CheckOutcome::Failed => "violated",
        CheckOutcome::Skipped | CheckOutcome::Undecided => "not decided",
    };
    let _ = writeln!(
        text,
        "      {style}{mark}{style:#} {:<28} {name} is {word}",
        "policy"
    );
    for reason in &policy.reasons {
        let _ = writeln!(text, "          {}", terminal::escape(reason));
    }
}

fn check_mark(outcome: CheckOutcome) -> (anstyle::Style, &'static str) {
    match outcome {
        CheckOutcome::Passed => (GOOD, "✓"),
        CheckOutcome::Failed => (BAD, "✗"),
        CheckOutcome::Skipped => (DIM, "-"),
        CheckOutcome::Undecided => (WARN, "?"),
    }
}

fn mark(passed: bool) -> (anstyle::Style, &'static str) {
    match passed {
        true => (GOOD, "✓"),
        false => (BAD, "✗"),
    }
}

/// Shows which identity was found and the command that would require it.
fn suggest(target: &JudgedTarget, printer: &Printer) {
    let found = target
        .evidence
        .iter()
        .find_map(|evidence| evidence.identity.as_deref().zip(evidence.issuer.as_deref()));
    if let Some((identity, issuer)) = found {
        printer.talk(&format!(
            "  found: {} issued by {} (not verified)\n  to require it:\n    {} verify {} --identity {} --issuer {}",
            terminal::escape(identity),
            terminal::escape(issuer),
            paste::program(),
            paste::quote(&target.target),
            terminal::escape(&paste::quote(identity)),
            terminal::escape(&paste::quote(issuer)),
        ));
    }
}
