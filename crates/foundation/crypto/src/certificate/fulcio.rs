//! Sigstore's certificate extensions 1.3.6.1.4.1.57264.1.1 to .24 (fulcio `docs/oid-info.md`): what
//! the identity token said about the build.
//!
//! Numbers 1 to 6 are raw bytes, 7 is no extension but the type of an other name in the subject
//! alternative name, 8 and up are DER UTF8Strings. What the values must be is the caller's policy.

use der::Tag;

use crate::asn1::Element;

macro_rules! fulcio_extensions {
    ($($(#[doc = $doc:literal])+ $number:literal $field:ident,)*) => {
        /// Everything Sigstore's extensions of one certificate say. A value that is there but not
        /// encoded as its number asks is `None` here, and its number stands in `malformed`.
        #[derive(Clone, Debug, Default, Eq, PartialEq)]
        #[non_exhaustive]
        pub struct FulcioExtensions {
            $($(#[doc = $doc])+ pub $field: Option<String>,)*
            /// The numbers whose value is there and cannot be read.
            pub malformed: Vec<u32>,
        }

        impl FulcioExtensions {
            /// The name of the field with this number: `source_repository_uri` for 12.
            pub const fn name(number: u32) -> Option<&'static str> {
                match number {
                    $($number => Some(stringify!($field)),)*
                    _ => None,
                }
            }

            /// The value with this number.
            pub fn get(&self, number: u32) -> Option<&str> {
                match number {
                    $($number => self.$field.as_deref(),)*
                    _ => None,
                }
            }

            /// Every value there is, by number.
            pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
                [$(($number, self.$field.as_deref()),)*]
                    .into_iter()
                    .filter_map(|(number, value)| Some((number, value?)))
            }

            fn field(&mut self, number: u32) -> Option<&mut Option<String>> {
                match number {
                    $($number => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }

        const NUMBERS: &[u32] = &[$($number,)*];
    };
}

fulcio_extensions! {
    /// Who issued the identity token, in the old form (raw). See `issuer`.
    1 issuer_v1,
    /// The event that started a GitHub workflow (raw).
    2 github_workflow_trigger,
    /// The commit a GitHub workflow ran on (raw).
    3 github_workflow_sha,
    /// The name of a GitHub workflow (raw).
    4 github_workflow_name,
    /// The repository of a GitHub workflow, as `owner/name` (raw).
    5 github_workflow_repository,
    /// The ref a GitHub workflow ran on (raw).
    6 github_workflow_ref,
    /// The other name in the subject alternative name.
    7 other_name,
    /// Who issued the identity token.
    8 issuer_v2,
    /// The build instructions that the signer is responsible for.
    9 build_signer_uri,
    /// The version of these instructions.
    10 build_signer_digest,
    /// Whether the build ran on the platform's own machines.
    11 runner_environment,
    /// The source repository's URL.
    12 source_repository_uri,
    /// The commit that was built.
    13 source_repository_digest,
    /// The ref that was built.
    14 source_repository_ref,
    /// The platform's unchanging id of the repository.
    15 source_repository_identifier,
    /// The repository owner's URL.
    16 source_repository_owner_uri,
    /// The platform's unchanging id of the owner.
    17 source_repository_owner_identifier,
    /// The top-level build instructions.
    18 build_config_uri,
    /// The version of the top-level build instructions.
    19 build_config_digest,
    /// The event that started the build.
    20 build_trigger,
    /// The run that built.
    21 run_invocation_uri,
    /// Whether the repository was public when it was signed.
    22 source_repository_visibility_at_signing,
    /// The deployment environment the job ran in.
    23 deployment_environment,
    /// The token's subject.
    24 token_subject,
}

impl FulcioExtensions {
    /// Takes every value out of a certificate, whose `find` gives an extension's bytes by number.
    pub(super) fn read<'a>(
        find: impl Fn(u32) -> Option<&'a [u8]>,
        other_name: Option<String>,
    ) -> Self {
        let mut read = Self {
            other_name,
            ..Self::default()
        };
        for number in NUMBERS.iter().copied().filter(|number| *number != 7) {
            let Some(bytes) = find(number) else {
                continue;
            };
            match value(number, bytes) {
                None => read.malformed.push(number),
                text => {
                    if let Some(field) = read.field(number) {
                        *field = text;
                    }
                }
            }
        }
        read
    }

    /// Who issued the identity token: number 8 or, only when there is none, 1.
    pub fn issuer(&self) -> Option<&str> {
        if self.malformed.contains(&8) {
            return None;
        }
        self.issuer_v2.as_deref().or(self.issuer_v1.as_deref())
    }
}

/// The value of one extension: raw bytes up to number 6, a UTF8String after. Control characters
/// are in none of them (they would be the header of a string encoded where raw bytes belong).
pub(super) fn value(number: u32, bytes: &[u8]) -> Option<String> {
    let text = if number <= 6 {
        bytes
    } else {
        let element = Element::only(bytes, "sigstore extension").ok()?;
        if element.tag() != Tag::Utf8String {
            return None;
        }
        element.value()
    };
    let text = str::from_utf8(text).ok()?;
    (!text.chars().any(char::is_control)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
