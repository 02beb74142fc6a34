//! A small private Sigstore for tests, and certificates that are wrong in one way.

use sealwright_core::Identity;
use sealwright_core::IdentityKind;
use sealwright_core::Timestamp;

use crate::Certificate;
use crate::Eku;
use crate::PublicKey;
use crate::SignatureScheme;
use crate::SigningKey;
use crate::issue;
use crate::issue::AuthorityName;
use crate::issue::Issuer;
use crate::issue::LeafRequest;
use crate::issue::TransparencyLog;
use crate::issue::Validity;
use crate::issue::tbs;
use crate::issue::tbs::Criticality;
use crate::issue::tbs::Extension;
use crate::issue::tbs::Tbs;

pub(crate) const NAME: AuthorityName<'static> = AuthorityName {
    organization: "sealwright.invalid",
    common_name: "test",
};
pub(crate) const ROOT: AuthorityName<'static> = AuthorityName {
    organization: "sealwright.invalid",
    common_name: "root",
};

/// A moment in the middle of everything's validity.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub(crate) fn days(count: i64) -> Validity {
    Validity {
        not_before: now().plus_seconds(-86_400 * count),
        not_after: now().plus_seconds(86_400 * count),
    }
}

pub(crate) fn p256() -> SigningKey {
    SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap()
}

pub(crate) fn identity() -> Identity {
    Identity::new(IdentityKind::Email, "alice@test.sealwright.invalid")
}

pub(crate) struct Pki {
    pub(crate) root_key: SigningKey,
    pub(crate) root: Certificate,
    pub(crate) intermediate_key: SigningKey,
    pub(crate) intermediate: Certificate,
    pub(crate) log_key: SigningKey,
    pub(crate) leaf_key: SigningKey,
}

impl Pki {
    pub(crate) fn new() -> Self {
        Self::with(SignatureScheme::EcdsaP256Sha256)
    }

    pub(crate) fn with(scheme: SignatureScheme) -> Self {
        let root_key = SigningKey::generate(scheme).unwrap();
        let root = issue::root_certificate(ROOT, days(1000), &root_key).unwrap();
        let intermediate_key = SigningKey::generate(scheme).unwrap();
        let issuer = Issuer {
            certificate: &root,
            key: &root_key,
        };
        let intermediate = issue::intermediate(
            NAME,
            days(100),
            intermediate_key.public_key(),
            Eku::CodeSigning,
            issuer,
        )
        .unwrap();
        Self {
            root_key,
            root,
            intermediate_key,
            intermediate,
            log_key: p256(),
            leaf_key: p256(),
        }
    }

    pub(crate) fn issuer(&self) -> Issuer<'_> {
        Issuer {
            certificate: &self.intermediate,
            key: &self.intermediate_key,
        }
    }

    pub(crate) fn log(&self) -> TransparencyLog<'_> {
        TransparencyLog {
            key: &self.log_key,
            now: now(),
            extensions: &[],
        }
    }

    pub(crate) fn leaf(&self) -> Certificate {
        self.leaf_by(self.issuer(), Some(self.log()))
    }

    pub(crate) fn leaf_by(
        &self,
        issuer: Issuer<'_>,
        log: Option<TransparencyLog<'_>>,
    ) -> Certificate {
        issue::code_signing_leaf(
            &LeafRequest {
                public_key: self.leaf_key.public_key(),
                identity: &identity(),
                issuer_url: "https://test.sealwright.invalid",
                fulcio_extensions: &[(24, "alice@test.sealwright.invalid")],
                validity: Validity {
                    not_before: now(),
                    not_after: now().plus_seconds(600),
                },
            },
            issuer,
            log,
        )
        .unwrap()
    }

    pub(crate) fn anchors(&self) -> Vec<Certificate> {
        vec![self.intermediate.clone(), self.root.clone()]
    }
}

/// A certificate of any shape.
pub(crate) struct Shape<'a> {
    pub(crate) subject: AuthorityName<'a>,
    pub(crate) validity: Validity,
    pub(crate) public_key: &'a PublicKey,
    pub(crate) extensions: Vec<Extension>,
}

impl<'a> Shape<'a> {
    /// What `issue::intermediate` makes.
    pub(crate) fn intermediate(public_key: &'a PublicKey) -> Self {
        Self {
            subject: NAME,
            validity: days(100),
            public_key,
            extensions: vec![
                Extension::basic_constraints(Some(0)),
                Extension::ca_key_usage(),
                Extension::extended_key_usage(Eku::CodeSigning, Criticality::Ignorable),
            ],
        }
    }

    /// What a leaf is, as far as chains care.
    pub(crate) fn leaf(public_key: &'a PublicKey, usage: Eku) -> Self {
        Self {
            subject: AuthorityName {
                organization: "sealwright.invalid",
                common_name: "leaf",
            },
            validity: days(1),
            public_key,
            extensions: vec![
                Extension::leaf_key_usage(),
                Extension::extended_key_usage(usage, Criticality::Critical),
            ],
        }
    }

    /// The same with its extension at `index` replaced, or one more.
    pub(crate) fn with(mut self, index: usize, extension: Extension) -> Self {
        if index < self.extensions.len() {
            self.extensions[index] = extension;
        } else {
            self.extensions.push(extension);
        }
        self
    }

    pub(crate) fn without(mut self, index: usize) -> Self {
        self.extensions.remove(index);
        self
    }

    pub(crate) fn issue(self, issuer: Issuer<'_>) -> Certificate {
        self.issue_under(issuer.certificate.subject_der(), issuer.key)
    }

    pub(crate) fn issue_under(self, issuer: &[u8], key: &SigningKey) -> Certificate {
        Tbs {
            serial: &[1, 2, 3],
            issuer,
            subject: &tbs::compose_name(self.subject),
            validity: self.validity,
            public_key: self.public_key,
            extensions: self.extensions,
        }
        .sign(key)
        .unwrap()
    }
}
