//! Paths inside archives, made safe.

use sealwright_core::file_tree::ScanError;

use crate::limits::Limits;

/// Writes into `cleaned` the path below the root: no leading slash, no empty and no `.` parts.
/// The root itself becomes the empty path.
///
/// # Errors
/// A `..` part or a NUL: what that names depends on who unpacks it.
pub(crate) fn clean(raw: &[u8], limits: &Limits, cleaned: &mut Vec<u8>) -> Result<(), ScanError> {
    cleaned.clear();
    if raw.len() > limits.path_bytes {
        return Err(ScanError::Limit {
            path: shown(raw),
            what: "the length of the path",
            limit: limits.path_bytes as u64,
        });
    }
    if raw.contains(&0) {
        return Err(malformed(raw, "the path holds a NUL"));
    }
    let mut parts = 0_usize;
    for part in raw.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => return Err(malformed(raw, "the path has a part that leads upwards")),
            part => {
                parts = parts.saturating_add(1);
                if parts > limits.path_parts {
                    return Err(ScanError::Limit {
                        path: shown(raw),
                        what: "the number of parts of the path",
                        limit: limits.path_parts as u64,
                    });
                }
                if !cleaned.is_empty() {
                    cleaned.push(b'/');
                }
                cleaned.extend_from_slice(part);
            }
        }
    }
    Ok(())
}

/// A malformed entry.
pub(crate) fn malformed(path: &[u8], reason: impl Into<String>) -> ScanError {
    ScanError::Malformed {
        path: shown(path),
        reason: reason.into(),
    }
}

/// The start of a path, for messages.
fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path.get(..200).unwrap_or(path)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(raw: &[u8]) -> Option<String> {
        let mut out = Vec::new();
        let limits = Limits {
            path_bytes: 64,
            path_parts: 4,
            ..Limits::default()
        };
        clean(raw, &limits, &mut out).ok()?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn drops_what_names_nothing() {
        for (raw, wanted) in [
            ("./etc/passwd", "etc/passwd"),
            ("/etc//passwd/", "etc/passwd"),
            ("/", ""),
            ("./", ""),
            ("..a/b..", "..a/b.."),
        ] {
            assert_eq!(cleaned(raw.as_bytes()).as_deref(), Some(wanted), "{raw}");
        }
    }

    #[test]
    fn refuses_paths_that_step_back_or_hold_a_nul_or_are_long() {
        assert!(cleaned(b"a/b/c/d").is_some());
        for raw in [
            &b"a/b/c/d/e"[..],
            b"../a",
            b"a/../b",
            b"a/..",
            b"a\0b",
            &[b'a'; 65],
        ] {
            assert_eq!(cleaned(raw), None, "{raw:?}");
        }
    }
}
