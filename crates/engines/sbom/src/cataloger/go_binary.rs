//! Go modules, from the build information in executables (Go's `debug/buildinfo`).
//!
//! Since Go 1.18 the linker writes the version of Go and the list of modules in one piece, behind a
//! mark aligned to 16 bytes, in ELF, PE and Mach-O files alike. So an executable is searched for the
//! mark as it passes by and never held in memory. Executables of older versions of Go, which have
//! pointers behind the mark, are reported as a problem.

use std::io::Read;

use sealwright_core::file_tree::Entry;
use sealwright_core::file_tree::EntryKind;

use crate::cataloger::CatalogError;
use crate::cataloger::Cataloger;
use crate::cataloger::Findings;
use crate::cataloger::Malformed;
use crate::package::Package;
use crate::package::PackageKind;
use crate::package_url::PackageUrl;
use crate::package_url::Parts;

/// Executables larger than this are not searched.
const FILE_LIMIT: u64 = 2 * 1024 * 1024 * 1024;
/// Longest build information.
const INFO_LIMIT: usize = 16 * 1024 * 1024;
const MAGIC: &[u8; 14] = b"\xff Go buildinf:";
const HEADER: usize = 32;
const BUFFER: usize = 256 * 1024;

/// Reads executables.
#[derive(Debug, Default)]
pub struct GoBinary;

impl Cataloger for GoBinary {
    fn name(&self) -> &'static str {
        "go-binary"
    }

    fn selects(&self, file: &Entry<'_>) -> bool {
        let EntryKind::File { size, executable } = file.kind else {
            return false;
        };
        // A downloaded file has lost its mode; one at the root may be the subject itself.
        let may_be_one = executable || file.path.ends_with(".exe") || !file.path.contains('/');
        may_be_one && (4096..=FILE_LIMIT).contains(&size)
    }

    fn read(
        &mut self,
        file: &Entry<'_>,
        content: &mut dyn Read,
        findings: &mut Findings,
    ) -> Result<(), CatalogError> {
        let mut magic = [0; 4];
        match content.read_exact(&mut magic) {
            Ok(()) if is_executable(magic) => {}
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let Some(found) = find(&mut magic.chain(content))? else {
            return Ok(());
        };
        let Found::Inline { version, modules } = found else {
            return Err(Malformed::new(
                "it was built by a version of Go before 1.18, whose build information is not read",
            )
            .into());
        };
        let info = BuildInfo::parse(&version, &modules)?;
        info.add(file, findings)
    }
}

/// ELF, PE or Mach-O, thin or fat.
fn is_executable(magic: [u8; 4]) -> bool {
    matches!(
        magic,
        [0x7f, b'E', b'L', b'F']
            | [b'M', b'Z', _, _]
            | [0xfe, 0xed, 0xfa, 0xce | 0xcf]
            | [0xce | 0xcf, 0xfa, 0xed, 0xfe]
            | [0xca, 0xfe, 0xba, 0xbe]
    )
}

/// What stands behind a mark.
#[derive(Debug, Eq, PartialEq)]
enum Found {
    Inline { version: String, modules: String },
    Pointers,
}

/// Searches a whole executable for build information.
fn find(content: &mut dyn Read) -> Result<Option<Found>, CatalogError> {
    let finder = memchr::memmem::Finder::new(MAGIC);
    let mut buffer = Vec::with_capacity(BUFFER);
    // How many bytes of the file lie before the buffer: a multiple of 16.
    let mut offset = 0_u64;
    loop {
        let before = buffer.len();
        let wanted = BUFFER.saturating_sub(before).max(BUFFER / 2) as u64;
        Read::take(&mut *content, wanted).read_to_end(&mut buffer)?;
        if buffer.len() == before {
            return Ok(None);
        }
        let mut start = 0;
        while let Some(at) = buffer.get(start..).and_then(|rest| finder.find(rest)) {
            let at = start.saturating_add(at);
            if at % 16 == 0 {
                match header_at(&mut buffer, at, content)? {
                    Some(found) => return Ok(Some(found)),
                    None => start = at.saturating_add(1),
                }
            } else {
                start = at.saturating_add(1);
            }
        }
        // The mark may lie across the end of the buffer.
        let keep = buffer.len().saturating_sub(HEADER) / 16 * 16;
        buffer.drain(..keep.min(buffer.len()));
        offset = offset.saturating_add(keep as u64);
        if offset > FILE_LIMIT {
            return Ok(None);
        }
    }
}

/// Reads what stands behind the mark at `at`; `None` when that is no build information after all.
fn header_at(
    buffer: &mut Vec<u8>,
    at: usize,
    content: &mut dyn Read,
) -> Result<Option<Found>, CatalogError> {
    let mut more = |buffer: &mut Vec<u8>, end: usize| -> Result<bool, CatalogError> {
        if end > INFO_LIMIT.saturating_add(at) {
            return Err(Malformed::new("its build information is too long").into());
        }
        let missing = end.saturating_sub(buffer.len());
        Read::take(&mut *content, missing as u64).read_to_end(buffer)?;
        Ok(buffer.len() >= end)
    };
    if !more(buffer, at.saturating_add(HEADER))? {
        return Ok(None);
    }
    let flags = buffer.get(at.saturating_add(15)).copied().unwrap_or(0);
    if flags & 2 == 0 {
        let pointer_size = buffer.get(at.saturating_add(14)).copied();
        return Ok(matches!(pointer_size, Some(4 | 8)).then_some(Found::Pointers));
    }
    let mut position = at.saturating_add(HEADER);
    let mut texts = [Vec::new(), Vec::new()];
    for text in &mut texts {
        more(buffer, position.saturating_add(10))?;
        let Some((length, width)) = varint(buffer.get(position..).unwrap_or_default()) else {
            return Ok(None);
        };
        let start = position.saturating_add(width);
        let end = start.saturating_add(length);
        if !more(buffer, end)? {
            return Ok(None);
        }
        *text = buffer.get(start..end).unwrap_or_default().to_vec();
        position = end;
    }
    let [version, modules] = texts;
    let Ok(version) = String::from_utf8(version) else {
        return Ok(None);
    };
    if !version.starts_with("go") && !version.starts_with("devel") {
        return Ok(None);
    }
    // The list of modules stands between two marks of 16 bytes.
    let modules = match modules.len().checked_sub(33) {
        Some(_) => modules.get(16..modules.len().saturating_sub(16)),
        None => None,
    };
    let modules = String::from_utf8_lossy(modules.unwrap_or_default()).into_owned();
    Ok(Some(Found::Inline { version, modules }))
}

/// An unsigned number in base 128, and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, index.saturating_add(1)));
        }
    }
    None
}

/// The build information of one executable.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BuildInfo<'a> {
    /// The version of Go: `go1.22.1`.
    pub go_version: &'a str,
    /// The module of the main package.
    pub main: Option<Module<'a>>,
    /// The modules it was built with.
    pub dependencies: Vec<Module<'a>>,
    /// Settings of the build, such as `vcs.revision`.
    pub settings: Vec<(&'a str, &'a str)>,
}

/// A module in its build information.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Module<'a> {
    /// The module path.
    pub path: &'a str,
    /// The version; `(devel)` when it was built from a work tree.
    pub version: &'a str,
    /// The hash of the module's files in the notation of `go.sum`.
    pub sum: &'a str,
    /// What was used in its stead, if anything: a path and a version, which may be empty.
    pub replacement: Option<(&'a str, &'a str, &'a str)>,
}

impl<'a> BuildInfo<'a> {
    /// Reads the list of modules.
    ///
    /// # Errors
    /// When a line is no part of such a list.
    pub fn parse(go_version: &'a str, modules: &'a str) -> Result<Self, Malformed> {
        let mut info = Self {
            // Experiments follow the version after a space.
            go_version: go_version.split(' ').next().unwrap_or_default(),
            ..Self::default()
        };
        let mut last_is_main = false;
        for line in modules.lines() {
            let mut fields = line.split('\t');
            let kind = fields.next().unwrap_or_default();
            let mut field = || fields.next().unwrap_or_default();
            match kind {
                "mod" | "dep" => {
                    let module = Module {
                        path: field(),
                        version: field(),
                        sum: field(),
                        replacement: None,
                    };
                    if module.path.is_empty() {
                        return Err(Malformed::new(
                            "its build information has a module without path",
                        ));
                    }
                    last_is_main = kind == "mod";
                    if last_is_main {
                        info.main = Some(module);
                    } else {
                        info.dependencies.push(module);
                    }
                }
                "=>" => {
                    let replacement = Some((field(), field(), field()));
                    let module = match last_is_main {
                        true => info.main.as_mut(),
                        false => info.dependencies.last_mut(),
                    };
                    let Some(module) = module else {
                        return Err(Malformed::new("its build information replaces no module"));
                    };
                    module.replacement = replacement;
                }
                "build" => {
                    let (key, value) = field().split_once('=').unwrap_or_default();
                    info.settings.push((key, value));
                }
                "path" | "" => {}
                _ => return Err(Malformed::new("its build information has an unknown line")),
            }
        }
        Ok(info)
    }

    fn add(&self, file: &Entry<'_>, findings: &mut Findings) -> Result<(), CatalogError> {
        let main = match self.main {
            Some(main) => {
                let mut package = main.package()?;
                for (key, value) in &self.settings {
                    if key.starts_with("vcs") {
                        package.property(&format!("sealwright:go:{key}"), value);
                    }
                }
                Some(findings.add(file, package))
            }
            None => None,
        };
        let library = Module {
            path: "stdlib",
            version: self.go_version.trim_start_matches("go"),
            sum: "",
            replacement: None,
        };
        for module in std::iter::once(&library).chain(&self.dependencies) {
            let id = findings.add(file, module.package()?);
            if let Some(main) = main {
                findings.depends(main, id);
            }
        }
        Ok(())
    }
}

impl Module<'_> {
    fn package(&self) -> Result<Package, Malformed> {
        // A replacement by a directory has no version and no name of its own.
        let (path, version, sum) = match self.replacement {
            Some(replacement) if !replacement.1.is_empty() => replacement,
            _ => (self.path, self.version, self.sum),
        };
        let version = Some(version).filter(|version| !matches!(*version, "" | "(devel)"));
        let (namespace, name) = match path.rsplit_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, path),
        };
        let purl = PackageUrl::from_parts(Parts {
            kind: "golang",
            namespace,
            name,
            version,
            ..Parts::default()
        })
        .map_err(|error| Malformed::new(error.to_string()))?;
        let mut package = Package::new(PackageKind::Golang, path, version, purl);
        package.property("sealwright:go:sum", sum);
        if let Some((replacement, _, _)) = self.replacement {
            let replaced = if path == self.path {
                replacement
            } else {
                self.path
            };
            let name = if path == self.path {
                "sealwright:go:replaced-by"
            } else {
                "sealwright:go:replaces"
            };
            package.property(name, replaced);
        }
        Ok(package)
    }
}

#[cfg(test)]
mod tests;
