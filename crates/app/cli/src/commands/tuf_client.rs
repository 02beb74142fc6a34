//! `sealwright tuf-client …`: what the conformance suite of TUF drives. It exits with 0 or 1.

use std::process::ExitCode;
use std::time::Duration;

use sealwright::Failure;
use sealwright::Silent;
use sealwright::TufMode;
use sealwright::TufRepository;

use crate::cli::TufAction;
use crate::cli::TufClientArgs;
use crate::printer::Printer;
use crate::settings::Settings;

pub(super) fn run(args: &TufClientArgs, settings: &Settings, printer: &Printer) -> ExitCode {
    match act(args, settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            super::report(printer, &failure);
            ExitCode::FAILURE
        }
    }
}

fn act(args: &TufClientArgs, settings: &Settings) -> Result<(), Failure> {
    let silent = Silent::default();
    let context = settings.context(TIMEOUT, &silent);
    let repository = TufRepository {
        directory: args.metadata_dir.clone(),
        metadata_url: args.metadata_url.clone(),
        shipped_root: None,
    };
    match &args.action {
        TufAction::Init { root } => repository.init_from(root, &context),
        TufAction::Refresh => repository.open(TufMode::Online, &context)?.refresh(),
        TufAction::Download => {
            let mut session = repository.open(TufMode::Online, &context)?;
            for path in &args.target_name {
                session.download(path, &args.target_base_url, &args.target_dir)?;
            }
            Ok(())
        }
    }
}

const TIMEOUT: Duration = Duration::from_secs(60);
