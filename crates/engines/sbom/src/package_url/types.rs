//! What package types want of their names (purl-spec, `types/*-definition.json`).

/// The rules of one type.
pub(super) struct TypeRules {
    pub(super) namespace: Namespace,
    pub(super) namespace_case: Case,
    name_case: Case,
    pub(super) version_case: Case,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Namespace {
    Forbidden,
    Optional,
    Required,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Case {
    Kept,
    Lower,
}

/// Types with a rule of their own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    ChromeExtension,
    Cpan,
    Git,
    Julia,
    MlFlow,
    Other,
    Pypi,
}

impl Case {
    pub(super) fn apply(self, text: String) -> String {
        match self {
            Self::Kept => text,
            Self::Lower => text.to_lowercase(),
        }
    }
}

impl TypeRules {
    pub(super) fn of(kind: &str) -> Self {
        let lower_both = matches!(
            kind,
            "alpm"
                | "apk"
                | "bitbucket"
                | "brew"
                | "composer"
                | "deb"
                | "git"
                | "github"
                | "gitlab"
                | "hex"
        );
        let lower_name = lower_both
            || matches!(
                kind,
                "bitnami" | "chrome-extension" | "oci" | "otp" | "pub" | "pypi"
            );
        let lower_namespace = lower_both || matches!(kind, "luarocks" | "qpkg" | "rpm");
        let case = |lower| if lower { Case::Lower } else { Case::Kept };
        Self {
            namespace: match kind {
                "swift" | "vscode-extension" => Namespace::Required,
                "otp" | "vcpkg" => Namespace::Forbidden,
                _ => Namespace::Optional,
            },
            namespace_case: case(lower_namespace),
            name_case: case(lower_name),
            version_case: case(kind == "huggingface"),
            kind: match kind {
                "chrome-extension" => Kind::ChromeExtension,
                "cpan" => Kind::Cpan,
                "git" => Kind::Git,
                "julia" => Kind::Julia,
                "mlflow" => Kind::MlFlow,
                "pypi" => Kind::Pypi,
                _ => Kind::Other,
            },
        }
    }

    /// Parts namespace and name. A Git host's name stands alone, everything after it is the name.
    pub(super) fn split<'a>(&self, path: &'a str) -> Option<(&'a str, &'a str)> {
        match self.kind {
            Kind::Git => path.split_once('/'),
            _ => path.rsplit_once('/'),
        }
    }

    /// What is not encoded in names, beside the usual.
    pub(super) fn kept_in_names(&self) -> &'static str {
        match self.kind {
            Kind::Git => "/",
            _ => "",
        }
    }

    /// The name as the type writes it.
    pub(super) fn name(&self, name: &str, qualifiers: &[(String, String)]) -> String {
        let name = self.name_case.apply(name.to_owned());
        match self.kind {
            Kind::Pypi => name.replace('_', "-"),
            // Model names are case sensitive, but on Databricks.
            Kind::MlFlow => {
                let on_databricks = qualifiers.iter().any(|(key, value)| {
                    key == "repository_url" && value.contains("azuredatabricks.net")
                });
                if on_databricks {
                    name.to_lowercase()
                } else {
                    name
                }
            }
            _ => name,
        }
    }

    pub(super) fn accepts(
        &self,
        name: &str,
        version: Option<&str>,
        qualifiers: &[(String, String)],
    ) -> bool {
        match self.kind {
            Kind::ChromeExtension => {
                let numbers = |version: &str| {
                    version.split('.').count() <= 4
                        && version.split('.').all(|number| {
                            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
                        })
                };
                name.len() == 32
                    && name.bytes().all(|byte| (b'a'..=b'p').contains(&byte))
                    && version.is_none_or(numbers)
            }
            Kind::Cpan => !name.contains("::"),
            Kind::Julia => qualifiers.iter().any(|(key, _)| key == "uuid"),
            Kind::Git | Kind::MlFlow | Kind::Other | Kind::Pypi => true,
        }
    }
}
