//! `sealwright conformance …`: what the conformance suite of Sigstore drives. It looks at nothing
//! but whether the exit code is 0.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use sealwright::BundleArtifact;
use sealwright::BundleSource;
use sealwright::Failure;
use sealwright::IdentityOptions;
use sealwright::Profile;
use sealwright::Signer;
use sealwright::SignerFlags;
use sealwright::SigningOptions;
use sealwright::SigningServices;
use sealwright::Silent;
use sealwright_core::Class;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::terminal;

use crate::cli::ConformanceCommand;
use crate::cli::SignBundleArgs;
use crate::cli::VerifyBundleArgs;
use crate::printer::Printer;
use crate::settings::Settings;

pub(super) fn run(
    command: ConformanceCommand,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    match command {
        ConformanceCommand::SignBundle(args) => sign_bundle(*args, settings),
        ConformanceCommand::VerifyBundle(args) => verify_bundle(&args, settings, printer),
    }
}

fn sign_bundle(args: SignBundleArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let silent = Silent::default();
    let mut context = settings.context(SIGNING_TIMEOUT, &silent);
    let signing = SigningOptions {
        services: match args.signing_config {
            Some(signing_config) => SigningServices::Files {
                signing_config,
                trusted_root: args.trusted_root,
            },
            None => {
                context.profile = Some(Profile::Public);
                SigningServices::Profile
            }
        },
        identity: IdentityOptions {
            token: Some(args.identity_token.into()),
            ..IdentityOptions::default()
        },
        ..SigningOptions::default()
    };
    let content = match args.in_toto {
        true => BundleSource::Statement(&args.artifact),
        false => BundleSource::File(&args.artifact),
    };
    sealwright::sign_bundle(&context, content, &args.bundle, &signing)?;
    Ok(ExitCode::SUCCESS)
}

fn verify_bundle(
    args: &VerifyBundleArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    if args.staging && args.trusted_root.is_none() {
        let message =
            "--staging wants --trusted-root: the root of the staging instance is not built in\n";
        let error = clap::Error::raw(ErrorKind::MissingRequiredArgument, message);
        // As for every other mistake in the arguments.
        let _ = error.print();
        return Ok(ExitCode::from(Class::Usage.exit_code()));
    }
    let flags = SignerFlags {
        identity: args.certificate_identity.as_deref(),
        issuer: args.certificate_oidc_issuer.as_deref(),
        key: args.key.as_ref(),
        ..SignerFlags::default()
    };
    let silent = Silent::default();
    let mut context = settings.context(TIMEOUT, &silent);
    let Some(signer) = Signer::from_flags(&context, flags)? else {
        return Err(sealwright::Error::IdentityRequired.into());
    };
    if args.trusted_root.is_none() {
        context.profile.get_or_insert(Profile::Public);
    }
    let judged = sealwright::verify_bundle(
        &context,
        &args.bundle,
        artifact(&args.artifact),
        &signer,
        args.trusted_root.as_deref(),
    )?;
    let Some(problem) = judged.problem else {
        return Ok(ExitCode::SUCCESS);
    };
    printer.error(
        problem.code.as_str(),
        &terminal::escape(&problem.message),
        problem.help.as_deref(),
    );
    Ok(ExitCode::from(problem.class.exit_code()))
}

/// What exists is a file, whatever its name looks like.
fn artifact(text: &Path) -> BundleArtifact<'_> {
    let digest = text.to_str().and_then(|text| text.parse::<Digest>().ok());
    match digest {
        Some(digest)
            if digest.algorithm() == DigestAlgorithm::Sha256
                && text.symlink_metadata().is_err() =>
        {
            BundleArtifact::Digest(digest)
        }
        _ => BundleArtifact::File(text),
    }
}

/// The suite waits for no more than this.
const SIGNING_TIMEOUT: Duration = Duration::from_secs(120);
/// Nothing here asks the network.
const TIMEOUT: Duration = Duration::from_secs(60);
