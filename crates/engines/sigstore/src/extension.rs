//! What a signing certificate says of the build beside who signed: the names of Fulcio's extensions.
//!
//! Source: fulcio `docs/oid-info.md`, extensions 1.3.6.1.4.1.57264.1.2 to .24. Numbers up to 6 are
//! raw strings of GitHub workflows, written beside the newer ones for old clients. The issuer (1 and
//! 8) and the other name (7) are not here: they are always required, as who signed.

use std::fmt;

macro_rules! extensions {
    ($($(#[doc = $doc:literal])+ $number:literal $name:literal $variant:ident,)*) => {
        /// One of the things a signing certificate says of the build.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum ExtensionName {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl ExtensionName {
            /// All of them, by number.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name as it is written on command lines and in JSON.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The last arc of its object identifier, 1.3.6.1.4.1.57264.1.`number`.
            pub const fn number(self) -> u32 {
                match self {
                    $(Self::$variant => $number,)*
                }
            }
        }
    };
}

extensions! {
    /// The event that started a GitHub workflow; see `BuildTrigger`.
    2 "github-workflow-trigger" GithubWorkflowTrigger,
    /// The commit a GitHub workflow ran on; see `SourceRepositoryDigest`.
    3 "github-workflow-sha" GithubWorkflowSha,
    /// The name of a GitHub workflow.
    4 "github-workflow-name" GithubWorkflowName,
    /// The repository of a GitHub workflow, `owner/name`; see `SourceRepositoryUri`.
    5 "github-workflow-repository" GithubWorkflowRepository,
    /// The ref a GitHub workflow ran on; see `SourceRepositoryRef`.
    6 "github-workflow-ref" GithubWorkflowRef,
    /// The build instructions that the signer is responsible for.
    9 "build-signer-uri" BuildSignerUri,
    /// The version of these instructions.
    10 "build-signer-digest" BuildSignerDigest,
    /// Whether the build ran on the platform's own machines.
    11 "runner-environment" RunnerEnvironment,
    /// The source repository's URL.
    12 "source-repository-uri" SourceRepositoryUri,
    /// The commit that was built.
    13 "source-repository-digest" SourceRepositoryDigest,
    /// The ref that was built.
    14 "source-repository-ref" SourceRepositoryRef,
    /// The platform's unchanging id of the repository.
    15 "source-repository-identifier" SourceRepositoryIdentifier,
    /// The repository owner's URL.
    16 "source-repository-owner-uri" SourceRepositoryOwnerUri,
    /// The platform's unchanging id of the owner.
    17 "source-repository-owner-identifier" SourceRepositoryOwnerIdentifier,
    /// The top-level build instructions.
    18 "build-config-uri" BuildConfigUri,
    /// The version of the top-level build instructions.
    19 "build-config-digest" BuildConfigDigest,
    /// The event that started the build.
    20 "build-trigger" BuildTrigger,
    /// The run that built.
    21 "run-invocation-uri" RunInvocationUri,
    /// Whether the repository was public when it was signed.
    22 "source-repository-visibility-at-signing" SourceRepositoryVisibilityAtSigning,
    /// The deployment environment the job ran in.
    23 "deployment-environment" DeploymentEnvironment,
    /// The token's subject.
    24 "token-subject" TokenSubject,
}

impl ExtensionName {
    /// The extension of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.name() == name)
    }
}

impl fmt::Display for ExtensionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use sealwright_crypto::FulcioExtensions;

    use super::*;

    #[test]
    fn names_are_those_of_the_certificate_reader() {
        let spelled = |number| FulcioExtensions::name(number).map(|name| name.replace('_', "-"));
        for known in ExtensionName::ALL {
            assert_eq!(spelled(known.number()).as_deref(), Some(known.name()));
            assert_eq!(ExtensionName::from_name(known.name()), Some(*known));
        }
        // All but who signed: 1 and 8 are the issuer, 7 is the other name.
        let others: Vec<u32> = (0..100)
            .filter(|number| spelled(*number).is_some())
            .filter(|number| {
                ExtensionName::ALL
                    .iter()
                    .all(|known| known.number() != *number)
            })
            .collect();
        assert_eq!(others, [1, 7, 8]);
        assert_eq!(ExtensionName::from_name("issuer"), None);
    }
}
