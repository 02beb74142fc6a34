//! `sealwright root …`.

use std::process::ExitCode;
use std::time::Duration;

use sealwright::Failure;
use sealwright::InitialRoot;
use sealwright::Profile;
use sealwright::RootDocument;
use sealwright::RootInit;
use sealwright::RootOrigin;
use sealwright_core::terminal;

use crate::cli::OutputFormat;
use crate::cli::RootCommand;
use crate::cli::RootFormat;
use crate::cli::RootInitArgs;
use crate::cli::RootUpdateArgs;
use crate::cli::SigningConfigCommand;
use crate::commands::root_create;
use crate::error::Error;
use crate::output;
use crate::output::roots::Root;
use crate::output::roots::RootsDocument;
use crate::printer::Printer;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    command: RootCommand,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(Duration::ZERO, &bar);
    match command {
        RootCommand::Create(args) => root_create::root(*args, settings, printer)?,
        RootCommand::SigningConfig(SigningConfigCommand::Create(args)) => {
            root_create::signing_config(*args, settings, printer)?;
        }
        RootCommand::Init(args) => return init(&args, settings, printer),
        RootCommand::List { output } => {
            let now = context.clock.now();
            let listed = sealwright::root_list(&context)?;
            let roots = listed.iter().map(|root| Root::listed(root, now)).collect();
            show(&RootsDocument::new(roots), output, printer)?;
        }
        RootCommand::Update(args) => return update(&args, settings, printer),
        RootCommand::Show { format } => {
            let document = match format {
                RootFormat::TrustConfig => RootDocument::TrustConfig,
                RootFormat::TrustedRoot => RootDocument::TrustedRoot,
            };
            let shown = sealwright::root_show(&context, document)?;
            printer.data(&shown.json).map_err(Error::stdout)?;
            if shown.origin != RootOrigin::DataDirectory {
                let profile = context.profile.unwrap_or(Profile::Local);
                printer
                    .talk(&Root::shown(profile, &shown.origin, context.clock.now()).source_text());
            }
        }
        RootCommand::Export { file } => {
            sealwright::root_export(&context, &file)?;
            printer.warn(&format!(
                "{} holds private keys: whoever reads it can sign as you",
                terminal::escape(&file.display().to_string())
            ));
        }
        RootCommand::Import { file } => {
            sealwright::root_import(&context, &file)?;
            let home = context.home.display().to_string();
            printer.talk(&format!("imported into {}", terminal::escape(&home)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn update(
    args: &RootUpdateArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(args.timeout, &bar);
    let profiles = match context.profile {
        Some(profile) => vec![profile],
        None => sealwright::root_list(&context)?
            .into_iter()
            .map(|listed| listed.profile)
            .filter(|profile| *profile != Profile::Local)
            .collect(),
    };
    let mut worst = None;
    let mut roots = Vec::new();
    for profile in profiles {
        match sealwright::root_update(&context, profile) {
            Ok(updated) => roots.push(Root::updated(&updated, context.clock.now())),
            Err(failure) => {
                let failure = failure.about(profile);
                super::report(printer, &failure);
                roots.push(Root::failed(profile, &failure));
                worst = Some(match worst {
                    Some(worst) => super::worse(Some(worst), failure),
                    None => failure,
                });
            }
        }
    }
    show(&RootsDocument::new(roots), args.output, printer)?;
    Ok(super::exit_code(worst.as_ref()))
}

fn init(args: &RootInitArgs, settings: &Settings, printer: &Printer) -> Result<ExitCode, Failure> {
    let bar = Bar::new(printer);
    let context = settings.context(args.update.timeout, &bar);
    let init = RootInit {
        mirror: args.mirror.clone(),
        name: args.name,
        root: args.root.as_ref().map(|location| InitialRoot {
            location: location.clone(),
            digest: args.root_checksum,
        }),
    };
    let updated = sealwright::root_init(&context, &init)?;
    let root = Root::updated(&updated, context.clock.now());
    show(&RootsDocument::new(vec![root]), args.update.output, printer)?;
    if args.name.is_some() {
        printer.talk(&format!("verify with --profile {}", updated.profile));
    }
    Ok(ExitCode::SUCCESS)
}

fn show(document: &RootsDocument, format: OutputFormat, printer: &Printer) -> Result<(), Failure> {
    let text = match format {
        OutputFormat::Json => output::to_text(document).map_err(|e| Error::stdout(e.into()))?,
        OutputFormat::Text => document.to_text(),
    };
    Ok(printer.data(&text).map_err(Error::stdout)?)
}
