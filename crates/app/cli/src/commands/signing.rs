//! What every verb that signs makes of its arguments, and how it says what was made.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use sealwright::Context;
use sealwright::Failure;
use sealwright::IdentityOptions;
use sealwright::KeyReference;
use sealwright::LogUse;
use sealwright::LogVersion;
use sealwright::OidcFlow;
use sealwright::SealOutcome;
use sealwright::SealedTarget;
use sealwright::SigningOptions;
use sealwright::SigningServices;
use sealwright_core::Target;
use sealwright_core::terminal;
use serde::Serialize;

use crate::cli::FlowChoice;
use crate::cli::OutputFormat;
use crate::cli::SigningArgs;
use crate::error::Error;
use crate::output;
use crate::output::seal::SealTarget;
use crate::passphrase;
use crate::paste;
use crate::printer::BOLD;
use crate::printer::DIM;
use crate::printer::GOOD;
use crate::printer::Printer;
use crate::printer::WARN;

/// The options the arguments stand for. Opens the key, which may ask for its passphrase.
pub(super) fn options(
    args: &SigningArgs,
    context: &Context<'_>,
    printer: &Printer,
) -> Result<SigningOptions, Failure> {
    if args.no_tlog {
        printer.warn(
            "--no-tlog: nobody who watches a log sees this signature, and whoever verifies it must \
             say --insecure-ignore-tlog",
        );
    }
    let key = match &args.key {
        Some(reference) => {
            let key = sealwright::open_signing_key(context, reference, &passphrase::Ambient)?;
            Some(Arc::new(key))
        }
        None => None,
    };
    Ok(SigningOptions {
        services: match (&args.signing_config, &args.trust_config) {
            (Some(signing_config), _) => SigningServices::Files {
                signing_config: signing_config.clone(),
                trusted_root: args.trusted_root.clone(),
            },
            (None, Some(path)) => SigningServices::TrustConfig(path.clone()),
            (None, None) => SigningServices::Profile,
        },
        key,
        identity: IdentityOptions {
            token: None,
            token_file: args.identity_token_file.clone(),
            flow: args.oidc_flow.map(|flow| match flow {
                FlowChoice::Ambient => OidcFlow::Ambient,
                FlowChoice::Browser => OidcFlow::Browser,
                FlowChoice::ClientCredentials => OidcFlow::ClientCredentials,
                FlowChoice::Device => OidcFlow::Device,
            }),
            issuer: args.oidc_issuer.clone(),
            client_id: args.oidc_client_id.clone(),
            client_secret_file: args.oidc_client_secret_file.clone(),
        },
        logs: match (args.no_tlog, args.rekor_version.as_deref()) {
            (true, _) => LogUse::None,
            (false, None) => LogUse::Configured,
            (false, Some("2")) => LogUse::Version(LogVersion::V2),
            (false, Some(_)) => LogUse::Version(LogVersion::V1),
        },
    })
}

/// How a verb shows what it made.
pub(super) struct Shown<'a> {
    pub(super) signing: &'a SigningArgs,
    /// Where the bundles are, when they are not where they are looked for.
    pub(super) bundle: Option<&'a Path>,
    pub(super) out: Option<&'a Path>,
    /// What `verify` is to require.
    pub(super) require: &'a str,
    /// `sealed`, `signed`.
    pub(super) verb: &'static str,
    pub(super) format: OutputFormat,
}

impl Shown<'_> {
    /// Prints what became of each target; the exit code is the worst one's.
    pub(super) fn print<D: Serialize>(
        &self,
        targets: &[Target],
        results: Vec<Result<SealedTarget, Failure>>,
        document: impl FnOnce(Vec<SealTarget>) -> D,
        printer: &Printer,
    ) -> Result<ExitCode, Failure> {
        let mut made = Vec::new();
        let mut worst: Option<Failure> = None;
        let mut last: Option<String> = None;
        for (target, result) in targets.iter().zip(results) {
            match result {
                Ok(sealed) => {
                    let verify = self.verify_command(target, &sealed);
                    if self.format == OutputFormat::Text {
                        let text = self.describe(&sealed, verify.as_deref());
                        printer.data(&text).map_err(Error::stdout)?;
                    }
                    for warning in &sealed.warnings {
                        printer.warn(&terminal::escape(warning));
                    }
                    made.push(SealTarget::new(&sealed, verify));
                }
                Err(failure) => {
                    // What stops all of them is said once.
                    let said = failure.to_string();
                    if last.as_ref() != Some(&said) {
                        super::report(printer, &failure);
                    }
                    last = Some(said);
                    worst = Some(super::worse(worst, failure));
                }
            }
        }
        if self.format == OutputFormat::Json {
            let text = output::to_text(&document(made)).map_err(|e| Error::stdout(e.into()))?;
            printer.data(&text).map_err(Error::stdout)?;
        }
        Ok(super::exit_code(worst.as_ref()))
    }

    /// The command that verifies what was made, as it can be pasted into the same shell; none when
    /// something it needs is in no file.
    fn verify_command(&self, target: &Target, sealed: &SealedTarget) -> Option<String> {
        if sealed.outcome == SealOutcome::DryRun {
            return None;
        }
        let signer = match (&sealed.identity, &sealed.issuer, &self.signing.key) {
            (Some(identity), Some(issuer), _) => format!(
                " --identity {} --issuer {}",
                paste::quote(identity.value()),
                paste::quote(issuer)
            ),
            (_, _, Some(key)) => format!(" --key {}", paste::quote(&public_half(key)?)),
            _ => return None,
        };
        let named = match target {
            // The digest that was signed, not whatever the tag names by then.
            Target::Image(reference) => reference.at(sealed.digest).to_string(),
            other => other.to_string(),
        };
        let mut command = format!("{} verify {}", paste::program(), paste::quote(&named));
        let lines = match (self.bundle, self.out, &sealed.all_bundles) {
            (Some(bundle), _, _) if !matches!(target, Target::Image(_) | Target::Layout { .. }) => {
                Some(bundle)
            }
            (None, Some(_), Some(lines)) => Some(lines.as_path()),
            _ => None,
        };
        if let Some(lines) = lines {
            let lines = lines.display().to_string();
            let _ = write!(command, " --bundle {}", paste::quote(&lines));
        }
        command.push_str(&signer);
        if !self.require.is_empty() {
            let _ = write!(command, " --require {}", paste::quote(self.require));
        }
        if sealed.logged == 0 {
            command.push_str(" --insecure-ignore-tlog");
        }
        match (&self.signing.trusted_root, &self.signing.trust_config) {
            (Some(root), _) => {
                let root = root.display().to_string();
                let _ = write!(command, " --trusted-root {}", paste::quote(&root));
            }
            (None, Some(_)) => return None,
            (None, None) => {}
        }
        Some(command)
    }

    fn describe(&self, sealed: &SealedTarget, verify: Option<&str>) -> String {
        let verb = self.verb;
        let mut text = String::new();
        let (style, word) = match sealed.outcome {
            SealOutcome::DryRun => (WARN, "would seal".to_owned()),
            SealOutcome::Replaced => (GOOD, format!("{verb} anew")),
            SealOutcome::Sealed => (GOOD, verb.to_owned()),
            SealOutcome::Unchanged => (DIM, "unchanged, nothing to do".to_owned()),
        };
        let target = terminal::escape(&sealed.target);
        let _ = writeln!(text, "{style}{word}{style:#} {BOLD}{target}{BOLD:#}");
        let _ = writeln!(text, "  digest      {}", sealed.digest);
        match (&sealed.identity, &sealed.issuer, &sealed.key) {
            (Some(identity), Some(issuer), _) => {
                let identity = terminal::escape(identity.value());
                let note = if sealed.self_asserted {
                    format!(" {DIM}(self-asserted){DIM:#}")
                } else {
                    String::new()
                };
                let _ = writeln!(text, "  identity    {identity}{note}");
                let _ = writeln!(text, "  issuer      {}", terminal::escape(issuer));
            }
            (_, _, Some(key)) => {
                let _ = writeln!(text, "  key         {key}");
            }
            _ => {
                let _ = writeln!(text, "  identity    known when it is signed");
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
}

/// The public half of a key: the file that lies beside it, or the service's own reference.
fn public_half(key: &KeyReference) -> Option<String> {
    match key {
        KeyReference::File(path) => {
            let public = path.with_extension("pub");
            (public != *path && public.exists()).then(|| public.display().to_string())
        }
        KeyReference::Variable(_) => None,
        other => Some(other.to_string()),
    }
}
