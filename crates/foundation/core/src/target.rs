//! What a person points at: `README.md`, `-`, `dir:build`, `oci:layout:tag`, `ghcr.io/o/app:1`.

use std::fmt;
use std::path::PathBuf;

use crate::Digest;
use crate::InvalidReference;
use crate::Reference;

/// An artifact as named on the command line; the kind follows from the form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// `dir:PATH`: all files below a directory, as one artifact.
    Directory(PathBuf),
    /// A file.
    File(PathBuf),
    /// An image in a registry.
    Image(Reference),
    /// `oci:DIR[:TAG][@DIGEST]`: an image in an OCI image layout.
    Layout {
        /// The layout's directory.
        directory: PathBuf,
        /// The tag (`org.opencontainers.image.ref.name`), needed when there are several images.
        tag: Option<String>,
        /// The digest, which wins over the tag.
        digest: Option<Digest>,
    },
    /// `-`: standard input.
    Stdin,
}

impl Target {
    /// Reads a target. `is_path` says whether something stands at a path: text that could be both a
    /// file and an image is the file when there is one. So is text that begins with the name of
    /// something that stands here, unless it ends as only an image does, with a tag or digest:
    /// nobody wants a registry asked for a file whose name was mistyped.
    ///
    /// # Errors
    /// When the text is empty, has a prefix for something not supported, or names neither a file
    /// nor a possible image.
    pub fn parse(text: &str, is_path: impl Fn(&str) -> bool) -> Result<Self, InvalidTarget> {
        match text.split_once(':') {
            _ if text.is_empty() => return Err(InvalidTarget::Empty),
            _ if text == "-" => return Ok(Self::Stdin),
            Some(("dir" | "oci", "")) => return Err(InvalidTarget::Empty),
            Some(("dir", path)) => return Ok(Self::Directory(path.into())),
            Some(("oci", rest)) => return Ok(Self::layout(rest)),
            Some((prefix @ ("docker-archive" | "git" | "pkg" | "sha256"), _)) if !is_path(text) => {
                return Err(InvalidTarget::Unsupported(prefix.to_owned()));
            }
            _ => {}
        }
        let looks_like_path = text.starts_with(['/', '.', '~']);
        if looks_like_path || is_path(text) {
            return Ok(Self::File(text.into()));
        }
        // A registry must be written: `README.md` mistyped must not become docker.io/library/….
        match text.split_once('/') {
            Some((first, rest))
                if (first.contains(['.', ':']) || first == "localhost")
                    && (rest.contains([':', '@']) || !is_path(first)) =>
            {
                text.parse()
                    .map(Self::Image)
                    .map_err(InvalidTarget::Reference)
            }
            _ => Ok(Self::File(text.into())),
        }
    }

    fn layout(rest: &str) -> Self {
        let (rest, digest) = match rest.rsplit_once('@') {
            Some((before, text)) if !before.is_empty() => match text.parse() {
                Ok(digest) => (before, Some(digest)),
                // No digest, so the `@` belongs to the directory's name.
                Err(_) => (rest, None),
            },
            _ => (rest, None),
        };
        match rest.rsplit_once(':') {
            Some((directory, tag)) if !directory.is_empty() && !tag.contains('/') => Self::Layout {
                directory: directory.into(),
                tag: (!tag.is_empty()).then(|| tag.to_owned()),
                digest,
            },
            _ => Self::Layout {
                directory: rest.into(),
                tag: None,
                digest,
            },
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "dir:{}", path.display()),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Image(reference) => write!(f, "{reference}"),
            Self::Layout {
                directory,
                tag,
                digest,
            } => {
                write!(f, "oci:{}", directory.display())?;
                match tag {
                    Some(tag) => write!(f, ":{tag}")?,
                    // Else the end of the directory's own name would be read as a tag.
                    None if directory.to_string_lossy().contains(':') => f.write_str(":")?,
                    None => {}
                }
                match digest {
                    Some(digest) => write!(f, "@{digest}"),
                    None => Ok(()),
                }
            }
            Self::Stdin => f.write_str("-"),
        }
    }
}

/// Why some text is no target.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTarget {
    /// Nothing was named.
    #[error("target is empty, wanted a file, -, dir:PATH, oci:DIR[:TAG] or an image reference")]
    Empty,
    /// Looks like an image reference but is none.
    #[error(transparent)]
    Reference(InvalidReference),
    /// A form this version does not know.
    #[error(
        "target form {0:?} is not supported, wanted a file, -, dir:PATH, oci:DIR[:TAG] or an image reference"
    )]
    Unsupported(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Target {
        Target::parse(text, |path| {
            ["exists.io", "exists.io/file", "exists.io/file:1"].contains(&path)
        })
        .unwrap()
    }

    #[test]
    fn tells_kinds_apart() {
        assert_eq!(parse("-"), Target::Stdin);
        assert_eq!(parse("README.md"), Target::File("README.md".into()));
        assert_eq!(parse("./a/b:c"), Target::File("./a/b:c".into()));
        assert_eq!(parse("a/b"), Target::File("a/b".into()));
        assert_eq!(
            parse("exists.io/file"),
            Target::File("exists.io/file".into())
        );
        assert_eq!(parse("dir:x"), Target::Directory("x".into()));
        assert!(matches!(parse("localhost:5000/app:1"), Target::Image(_)));
        assert!(matches!(parse("ghcr.io/o/app"), Target::Image(_)));
        let layout = |directory: &str, tag: Option<&str>| Target::Layout {
            directory: directory.into(),
            tag: tag.map(str::to_owned),
            digest: None,
        };
        assert_eq!(parse("oci:d"), layout("d", None));
        assert_eq!(parse("oci:/a/d:1.0"), layout("/a/d", Some("1.0")));
        assert_eq!(parse("oci:/a:b/d"), layout("/a:b/d", None));
        assert_eq!(parse("oci:a:b:"), layout("a:b", None));
        assert_eq!(parse("oci:a:b:").to_string(), "oci:a:b:");
        let text = format!("oci:d:1@{}", Digest::sha256(b""));
        assert_eq!(parse(&text).to_string(), text);
    }

    #[test]
    fn what_begins_with_something_here_is_no_image_unless_it_ends_as_one() {
        for text in ["exists.io/fiel", "exists.io/a/b", "exists.io/file:1"] {
            assert_eq!(parse(text), Target::File(text.into()));
        }
        let digest = Digest::sha256(b"");
        for text in [
            "exists.io/fiel:1".to_owned(),
            format!("exists.io/fiel@{digest}"),
            "missing.io/fiel".to_owned(),
            "exists.io:5000/fiel".to_owned(),
        ] {
            assert!(matches!(parse(&text), Target::Image(_)), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_does_not_support() {
        let refused = |text: &str| Target::parse(text, |_| false).is_err();
        assert!(refused(""));
        assert!(refused("oci:"));
        assert!(refused("pkg:npm/x@1"));
        assert!(refused("ghcr.io/UPPER/x"));
    }
}
