//! `sealwright attest`.

use std::process::ExitCode;

use sealwright::AttestOptions;
use sealwright::Failure;
use sealwright::Predicate;
use sealwright::Previous;
use sealwright::StorageOptions;

use super::sign;
use super::signing;
use super::signing::Shown;
use crate::cli::AttestArgs;
use crate::output::seal::AttestDocument;
use crate::printer::Printer;
use crate::progress::Bar;
use crate::settings::Settings;

pub(super) fn run(
    args: &AttestArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let targets = super::parse_targets(&args.targets)?;
    let bar = Bar::new(printer);
    let context = settings.context(args.signing.timeout, &bar);
    let predicate = Predicate::read(&args.predicate_type, &args.predicate, &context)?;
    let options = AttestOptions {
        signing: signing::options(&args.signing, &context, printer)?,
        storage: StorageOptions {
            previous: match args.replace {
                true => Previous::Replace,
                false => Previous::Keep,
            },
            ..sign::storage(&args.storage)
        },
    };
    let results = sealwright::attest(&context, &targets, &predicate, &options);
    let shown = Shown {
        signing: &args.signing,
        bundle: args.storage.bundle.as_deref(),
        out: args.storage.out.as_deref(),
        require: predicate.predicate_type(),
        verb: "stated",
        format: args.output,
    };
    let document = |targets| AttestDocument {
        schema: "sealwright.dev/attest/v1",
        targets,
    };
    shown.print(&targets, results, document, printer)
}
