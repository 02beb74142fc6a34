//! What a person is told while something is signed, in words.

use sealwright::Announcement;
use sealwright::Profile;
use sealwright_core::terminal;

use crate::printer::BOLD;
use crate::printer::Printer;

pub(crate) fn print(printer: &Printer, announcement: &Announcement<'_>) {
    match announcement {
        Announcement::Chosen { profile, source } => printer.talk(&format!(
            "note: this CI system gives an identity token ({source}), so the {profile} profile signs; \
             --profile local signs with the data directory instead"
        )),
        Announcement::Login { page, code } => {
            let page = terminal::escape(page);
            // Said even when nothing else is: it is all that can be done.
            printer.request(&format!("to log in, visit\n  {BOLD}{page}{BOLD:#}"));
            if let Some(code) = code {
                let code = terminal::escape(code);
                printer.request(&format!("and enter the code {BOLD}{code}{BOLD:#}"));
            }
        }
        Announcement::Publishes {
            instance,
            logs,
            certified,
        } => {
            let what = match certified {
                true => "the identity, its issuer, digests and the time",
                false => "the public key, digests and the time",
            };
            let place = match (instance, logs) {
                (Some(Profile::Public), _) => {
                    "the public-good instance, which shows them to everybody and for ever".to_owned()
                }
                (_, []) => "the logs of the certificate authority".to_owned(),
                (_, logs) => terminal::escape(&logs.join(", ")).to_string(),
            };
            printer.talk(&format!("note: {what} are recorded by {place}"));
        }
        _ => {}
    }
}
