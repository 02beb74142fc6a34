//! `sealwright sign`.

use std::process::ExitCode;

use sealwright::Attach;
use sealwright::Children;
use sealwright::Failure;
use sealwright::SignOptions;
use sealwright::StorageForm;
use sealwright::StorageOptions;

use super::signing;
use super::signing::Shown;
use crate::cli::FormChoice;
use crate::cli::SignArgs;
use crate::cli::StorageArgs;
use crate::output::seal::SignDocument;
use crate::printer::Printer;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    args: SignArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let targets = super::parse_targets(&args.targets)?;
    let bar = Bar::new(printer);
    let context = settings.context(args.signing.timeout, &bar);
    let options = SignOptions {
        signing: signing::options(&args.signing, &context, printer)?,
        annotations: args.annotations.into_iter().collect(),
        children: match args.recursive {
            true => Children::Sign,
            false => Children::Leave,
        },
        storage: StorageOptions {
            signature: args.output_signature,
            certificate: args.output_certificate,
            ..storage(&args.storage)
        },
    };
    let results = sealwright::sign(&context, &targets, &options);
    let shown = Shown {
        signing: &args.signing,
        bundle: args.storage.bundle.as_deref(),
        out: args.storage.out.as_deref(),
        require: "signature",
        verb: "signed",
        format: args.output,
    };
    let document = |targets| SignDocument {
        schema: "sealwright.dev/sign/v1",
        targets,
    };
    shown.print(&targets, results, document, printer)
}

pub(super) fn storage(args: &StorageArgs) -> StorageOptions {
    StorageOptions {
        out: args.out.clone(),
        bundle: args.bundle.clone(),
        attach: match args.no_upload {
            true => Attach::No,
            false => Attach::Yes,
        },
        form: match args.form {
            FormChoice::Bundle => StorageForm::Bundle,
            FormChoice::Tag => StorageForm::LegacyTag,
            FormChoice::LegacyReferrer => StorageForm::LegacyReferrer,
        },
        ..StorageOptions::default()
    }
}
