//! Other tools' command lines.

mod cosign;

use std::path::Path;

pub(crate) use self::cosign::guide as cosign_guide;
pub(crate) use self::cosign::run as run_cosign;

/// The arguments for cosign, when the program was started by that name or as `compat cosign`.
pub(crate) fn cosign_line() -> Option<Vec<String>> {
    let mut arguments = std::env::args_os();
    let program = arguments.next()?;
    let mut rest: Vec<String> = arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    if is_cosign(Path::new(&program)) {
        return Some(rest);
    }
    match rest.as_slice() {
        [compat, cosign, ..] if compat == "compat" && cosign == "cosign" => Some(rest.split_off(2)),
        _ => None,
    }
}

/// Whether a program goes by cosign's name, or by that of one of its release files.
fn is_cosign(program: &Path) -> bool {
    let name = program.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name == "cosign" || name == "cosign.exe" || name.starts_with("cosign-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_cosign_by_its_name() {
        for name in [
            "cosign",
            "/usr/bin/cosign",
            "cosign.exe",
            "./cosign-linux-amd64",
        ] {
            assert!(is_cosign(Path::new(name)), "{name}");
        }
        for name in [
            "sealwright",
            "/cosign/sealwright",
            "cosigner",
            "",
            "cosign/",
        ] {
            assert_eq!(is_cosign(Path::new(name)), name == "cosign/", "{name}");
        }
    }
}
