//! `sealwright keys …`.

use std::process::ExitCode;
use std::time::Duration;

use sealwright::Failure;
use sealwright::KeyFileType;
use sealwright::KeyFiles;
use sealwright::Overwrite;
use sealwright::ShownKey;
use sealwright::Silent;

use crate::cli::KeyFileChoice;
use crate::cli::KeyFilesArgs;
use crate::cli::KeysCommand;
use crate::cli::OutputFormat;
use crate::error::Error;
use crate::output;
use crate::output::key::KeyDocument;
use crate::passphrase;
use crate::printer::Printer;
use crate::settings::Settings;

pub(super) fn run(
    command: KeysCommand,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let silent = Silent::default();
    let context = settings.context(TIMEOUT, &silent);
    match command {
        KeysCommand::Generate(args) => {
            let files = key_files(&args.files);
            let passphrases = passphrase::Ambient;
            let made = match args.keeper.or(args.kms) {
                None => sealwright::key_generate(args.algorithm, &files, &passphrases)?,
                Some(keeper) => sealwright::key_generate_kept(
                    &context,
                    args.algorithm,
                    &keeper,
                    &files,
                    &passphrases,
                )?,
            };
            show(&made, args.files.output, printer)?;
            warn_of_plain(&made, printer);
        }
        KeysCommand::Import(args) => {
            let files = key_files(&args.files);
            let made = sealwright::key_import(&context, &args.key, &files, &passphrase::Ambient)?;
            show(&made, args.files.output, printer)?;
            warn_of_plain(&made, printer);
        }
        KeysCommand::Public { key } => {
            let public = sealwright::key_public(&context, &key, &passphrase::Ambient)?;
            printer.data(&public.pem).map_err(Error::stdout)?;
        }
        KeysCommand::Show { key, output } => {
            let shown = sealwright::key_show(&context, &key, &passphrase::Environment)?;
            show(&shown, output, printer)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn key_files(args: &KeyFilesArgs) -> KeyFiles {
    KeyFiles {
        prefix: args.out.clone(),
        file_type: match args.file_type {
            KeyFileChoice::Cosign => KeyFileType::Cosign,
            KeyFileChoice::Pkcs8 => KeyFileType::Pkcs8,
        },
        overwrite: match args.force {
            true => Overwrite::Allowed,
            false => Overwrite::Refused,
        },
    }
}

fn show(key: &ShownKey, format: OutputFormat, printer: &Printer) -> Result<(), Failure> {
    let document = KeyDocument::new(key);
    let text = match format {
        OutputFormat::Json => output::to_text(&document).map_err(|e| Error::stdout(e.into()))?,
        OutputFormat::Text => document.to_text(),
    };
    Ok(printer.data(&text).map_err(Error::stdout)?)
}

fn warn_of_plain(made: &ShownKey, printer: &Printer) {
    if made.private_file.is_some() && !made.is_encrypted {
        printer.warn("the private key is not encrypted: whoever reads the file can sign with it");
    }
}

/// How long a service that keeps keys may take.
const TIMEOUT: Duration = Duration::from_secs(60);
