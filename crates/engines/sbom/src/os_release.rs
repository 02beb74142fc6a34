//! The operating system in a tree (`os-release(5)`).

use crate::inventory::OperatingSystem;

/// Reads an `os-release` file; `None` when it names no system.
pub fn parse_os_release(text: &str) -> Option<OperatingSystem> {
    let mut system = OperatingSystem::default();
    for line in text.lines() {
        let Some((key, value)) = line.trim().split_once('=') else {
            continue;
        };
        let value = unquoted(value.trim());
        let value = || Some(value.clone()).filter(|value| !value.is_empty());
        match key {
            "ID" => system.id = value().unwrap_or_default().to_lowercase(),
            "VERSION_ID" => system.version_id = value(),
            "VERSION_CODENAME" => system.codename = value(),
            "NAME" => system.name = value(),
            "PRETTY_NAME" => system.pretty_name = value(),
            _ => {}
        }
    }
    let is_id = |id: &str| {
        !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    is_id(&system.id).then_some(system)
}

/// Undoes the shell's quoting.
fn unquoted(value: &str) -> String {
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let mut out = String::new();
    let mut characters = inner.unwrap_or(value).chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.extend(characters.next()),
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_debian() {
        let text = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME='Debian \\$'\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nID=debian\n# x\n";
        let system = parse_os_release(text).unwrap();
        assert_eq!(system.distro(), "debian-12");
        assert_eq!(system.name.as_deref(), Some("Debian $"));
        assert_eq!(system.supplier(), "Debian");
    }

    #[test]
    fn falls_back_to_the_code_name_and_wants_an_id() {
        let system = parse_os_release("ID=debian\nVERSION_CODENAME=sid").unwrap();
        assert_eq!(system.distro(), "debian-sid");
        assert_eq!(parse_os_release("NAME=x"), None);
        assert_eq!(parse_os_release("ID=\"a b\""), None);
    }
}
