//! `sealwright root create` and `root signing-config create`.

use std::path::Path;
use std::time::Duration;

use sealwright::Failure;
use sealwright::Profile;
use sealwright::ServiceKind;
use sealwright::SigningConfigBase;
use sealwright::SigningConfigParts;
use sealwright::TrustedRootParts;
use sealwright_core::terminal;

use crate::cli::RootCreateArgs;
use crate::cli::SigningConfigArgs;
use crate::error::Error;
use crate::printer::Printer;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn root(
    args: RootCreateArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<(), Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(Duration::ZERO, &bar);
    let profile = context.profile.unwrap_or(Profile::Public);
    let parts = TrustedRootParts {
        base: args.with_default_services.then_some(profile),
        without: kinds(&[
            (args.no_default_fulcio, ServiceKind::CertificateAuthority),
            (args.no_default_rekor, ServiceKind::Log),
            (args.no_default_ctfe, ServiceKind::CtLog),
            (args.no_default_tsa, ServiceKind::TimestampAuthority),
        ]),
        certificate_authorities: args.fulcio,
        ct_logs: args.ctfe,
        logs: args.rekor,
        timestamp_authorities: args.tsa,
    };
    let json = sealwright::trusted_root_create(&context, &parts)?;
    write(&json, args.out.as_deref(), printer)
}

pub(super) fn signing_config(
    args: SigningConfigArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<(), Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(Duration::ZERO, &bar);
    let base = match (args.base_config, args.with_default_services) {
        (Some(path), _) => SigningConfigBase::File(path),
        (None, true) => SigningConfigBase::Profile(context.profile.unwrap_or(Profile::Public)),
        (None, false) => SigningConfigBase::Nothing,
    };
    let parts = SigningConfigParts {
        base,
        without: kinds(&[
            (args.no_default_fulcio, ServiceKind::CertificateAuthority),
            (args.no_default_rekor, ServiceKind::Log),
            (args.no_default_oidc, ServiceKind::TokenIssuer),
            (args.no_default_tsa, ServiceKind::TimestampAuthority),
        ]),
        certificate_authorities: args.fulcio,
        token_issuers: args.oidc_provider,
        logs: args.rekor,
        log_selection: args.rekor_config,
        timestamp_authorities: args.tsa,
        timestamp_selection: args.tsa_config,
    };
    let json = sealwright::signing_config_create(&context, &parts)?;
    write(&json, args.out.as_deref(), printer)
}

fn kinds(flags: &[(bool, ServiceKind)]) -> Vec<ServiceKind> {
    let given = flags.iter().filter(|(given, _)| *given);
    given.map(|(_, kind)| *kind).collect()
}

fn write(json: &str, out: Option<&Path>, printer: &Printer) -> Result<(), Failure> {
    match out {
        Some(path) => {
            sealwright::write_document(path, json)?;
            printer.talk(&format!(
                "wrote {}",
                terminal::escape(&path.display().to_string())
            ));
        }
        None => printer.data(json).map_err(Error::stdout)?,
    }
    Ok(())
}
