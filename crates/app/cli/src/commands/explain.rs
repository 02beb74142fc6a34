//! `sealwright explain`.

use std::process::ExitCode;

use sealwright::Failure;

use crate::error::Error;
use crate::explain;
use crate::printer::Printer;

pub(super) fn run(code: Option<&str>, printer: &Printer) -> Result<ExitCode, Failure> {
    let text = match code {
        None => explain::PAGES
            .iter()
            .map(|(code, _)| format!("{code}\n"))
            .collect(),
        Some(code) => match explain::page(code) {
            Some(page) => page.to_owned(),
            None => {
                return Err(Error::UnknownCode {
                    code: code.to_owned(),
                    similar: explain::similar(code),
                }
                .into());
            }
        },
    };
    printer.data(&text).map_err(Error::stdout)?;
    Ok(ExitCode::SUCCESS)
}
