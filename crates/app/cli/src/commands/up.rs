//! `sealwright up`.

use std::process::ExitCode;
use std::time::Duration;

use sealwright::Answered;
use sealwright::Failure;
use sealwright::Silent;
use sealwright::UpEvent;
use sealwright::UpOptions;
use sealwright_core::terminal;

use crate::cli::OutputFormat;
use crate::cli::UpArgs;
use crate::error::Error;
use crate::output::up::UpDocument;
use crate::printer::Printer;
use crate::settings::Settings;

pub(super) fn run(
    args: UpArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let silent = Silent::default();
    let context = settings.context(TIMEOUT, &silent);
    let options = UpOptions {
        listen: args.listen,
        issuers: args.oidc_issuers,
        write: args.write,
    };
    if options.issuers.is_empty() {
        printer.warn("no --oidc-issuer: nobody can get a certificate");
    }
    let mut unprinted = None;
    sealwright::up(&context, &options, &mut |event| match event {
        UpEvent::Ready(served) => {
            let document = UpDocument::new(&served);
            let text = match args.output {
                OutputFormat::Json => serde_json::to_string(&document).map(|json| json + "\n"),
                OutputFormat::Text => Ok(document.to_text()),
            };
            let printed = text
                .map_err(std::io::Error::from)
                .and_then(|text| printer.data(&text));
            unprinted = printed.err();
            printer.talk("stop with Ctrl-C");
        }
        UpEvent::Answered(answered) => tell(printer, &answered),
        UpEvent::Renewed if printer.is_verbose() => printer.talk("renewed what was due"),
        UpEvent::RenewalFailed(failure) => super::report(printer, &failure),
        UpEvent::Stopping => {
            printer.talk("stopping: requests under way are answered; Ctrl-C again stops at once");
        }
        _ => {}
    })?;
    // Served all the same: somebody may have read the files.
    match unprinted {
        Some(error) => Err(Error::stdout(error).into()),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// What failed here is always said, the rest on request.
fn tell(printer: &Printer, answered: &Answered) {
    if answered.inside.is_none() && !printer.is_verbose() {
        return;
    }
    let inside = answered.inside.as_deref().unwrap_or_default();
    let line = format!(
        "{} {} {} {}",
        answered.status,
        terminal::escape(&answered.method),
        terminal::escape(&answered.path),
        terminal::escape(inside)
    );
    match &answered.inside {
        Some(_) => printer.warn(line.trim_end()),
        None => printer.talk(line.trim_end()),
    }
}

/// How long other processes, and issuers that are asked for their keys, may take.
const TIMEOUT: Duration = Duration::from_secs(30);
