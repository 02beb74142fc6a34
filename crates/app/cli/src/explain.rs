//! The pages about error codes, embedded.

/// All codes with their pages, sorted. Static, as each use of a constant would be a table of its own.
pub(crate) static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/code_pages.rs"));

/// The page of a code.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    PAGES
        .binary_search_by(|(known, _)| (*known).cmp(code))
        .ok()
        .and_then(|at| PAGES.get(at))
        .map(|(_, page)| *page)
}

/// The codes that look like a mistyped one: the same area, or the same words.
pub(crate) fn similar(code: &str) -> Vec<&'static str> {
    let area = code.split('.').next().unwrap_or_default();
    PAGES
        .iter()
        .map(|(known, _)| *known)
        .filter(|known| known.starts_with(&format!("{area}.")) || known.contains(code))
        .collect()
}
