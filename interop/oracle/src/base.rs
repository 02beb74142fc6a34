//! What is changed: good bundles and bad ones, each with what it is judged by.

use std::fs;
use std::path::Path;

use sealwright_core::Timestamp;
use sealwright_crypto::PublicKey;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Expected;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::verify;
use serde_json::Value;
use serde_json::json;

/// What bundles are judged by.
pub(crate) struct Context {
    pub(crate) name: String,
    pub(crate) root: Vec<u8>,
    pub(crate) artifact: Vec<u8>,
    pub(crate) signer: Signer,
    /// The trusted root and whom to expect, read; or why we cannot read it.
    ours: Result<(TrustRoot, Expected), Refusal>,
}

/// Who must have signed.
#[derive(Clone)]
pub(crate) enum Signer {
    Identity { identity: String, issuer: String },
    Key(String),
}

/// A bundle to change.
pub(crate) struct Base {
    pub(crate) name: String,
    pub(crate) context: usize,
    pub(crate) document: Value,
}

/// What we say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Ours {
    Accepted,
    Refused(Refusal),
}

/// Why we refuse.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Context {
    pub(crate) fn new(name: &str, root: Vec<u8>, artifact: Vec<u8>, signer: Signer) -> Self {
        let ours = TrustRoot::parse(&root)
            .map_err(|it| refusal(&it))
            .and_then(|root| {
                let expected = match &signer {
                    Signer::Identity { identity, issuer } => Expected::exactly(identity, issuer),
                    Signer::Key(pem) => {
                        Expected::Key(PublicKey::from_pem(pem).map_err(|it| refusal(&it))?)
                    }
                };
                Ok((root, expected))
            });
        Self {
            name: name.to_owned(),
            root,
            artifact,
            signer,
            ours,
        }
    }

    /// Our verdict. The most lenient of our doors, which `verify` goes through: with it, a root
    /// certificate in a chain of version 0.1 is left out.
    pub(crate) fn judge(&self, bundle: &[u8], now: Timestamp) -> Ours {
        let (root, expected) = match &self.ours {
            Ok(read) => read,
            Err(refusal) => return Ours::Refused(refusal.clone()),
        };
        let bundle = match Bundle::parse_without_root(bundle) {
            Ok(bundle) => bundle,
            Err(error) => return Ours::Refused(refusal(&error)),
        };
        let artifact = Artifact::from_bytes(&self.artifact);
        match verify(&bundle, &artifact, root, expected, now).reason() {
            None => Ours::Accepted,
            Some(reason) => Ours::Refused(refusal(reason)),
        }
    }

    /// Whether the trusted root ends the validity of a timestamp authority.
    pub(crate) fn ends_timestamp_authority(&self) -> bool {
        let root: Value = serde_json::from_slice(&self.root).unwrap_or_default();
        root["timestampAuthorities"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|it| it["validFor"]["end"].is_string())
    }

    /// The certificates of the trusted root's timestamp authorities.
    pub(crate) fn timestamp_certificates(&self) -> Vec<Vec<u8>> {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let root: Value = serde_json::from_slice(&self.root).unwrap_or_default();
        let authorities = root["timestampAuthorities"].as_array().cloned();
        authorities
            .into_iter()
            .flatten()
            .flat_map(|it| it["certChain"]["certificates"].as_array().cloned())
            .flatten()
            .filter_map(|it| STANDARD.decode(it["rawBytes"].as_str()?).ok())
            .collect()
    }

    /// The context as the judges of peers want it.
    pub(crate) fn to_json(&self, number: usize) -> Value {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let mut json = json!({
            "context": number,
            "name": self.name,
            "root": STANDARD.encode(&self.root),
            "artifact": STANDARD.encode(&self.artifact),
        });
        match &self.signer {
            Signer::Identity { identity, issuer } => {
                json["identity"] = identity.as_str().into();
                json["issuer"] = issuer.as_str().into();
            }
            Signer::Key(pem) => json["key"] = pem.as_str().into(),
        }
        json
    }

    pub(crate) fn from_json(json: &Value) -> Option<Self> {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        let bytes = |name: &str| STANDARD.decode(text(name)?).ok();
        let signer = match text("key") {
            Some(pem) => Signer::Key(pem),
            None => Signer::Identity {
                identity: text("identity")?,
                issuer: text("issuer")?,
            },
        };
        Some(Self::new(
            &text("name")?,
            bytes("root")?,
            bytes("artifact")?,
            signer,
        ))
    }
}

fn refusal(error: &dyn sealwright_core::Diagnostic) -> Refusal {
    Refusal {
        code: error.code().to_string(),
        message: error.to_string(),
    }
}

/// Everything that is changed.
#[derive(Default)]
pub(crate) struct Bases {
    pub(crate) contexts: Vec<Context>,
    pub(crate) bases: Vec<Base>,
}

impl Bases {
    pub(crate) fn add(&mut self, context: Context, bundles: &[(String, Vec<u8>)]) {
        let number = self.contexts.len();
        self.contexts.push(context);
        for (name, bundle) in bundles {
            if let Ok(document) = serde_json::from_slice(bundle) {
                self.bases.push(Base {
                    name: name.clone(),
                    context: number,
                    document,
                });
            }
        }
    }

    /// The cases of the public conformance suite; those without a trusted root are judged by `public`.
    pub(crate) fn conformance(&mut self, assets: &Path, public: &[u8]) -> std::io::Result<()> {
        let cases = assets.join("bundle-verify");
        let mut folders: Vec<_> = fs::read_dir(&cases)?.collect::<Result<_, _>>()?;
        folders.sort_by_key(fs::DirEntry::path);
        for folder in folders {
            let folder = folder.path();
            let Ok(bundle) = fs::read(folder.join("bundle.sigstore.json")) else {
                continue;
            };
            let name = folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let read = |file: &str| fs::read(folder.join(file)).ok();
            let text = |file: &str, default: &str| {
                read(file).map_or_else(
                    || default.to_owned(),
                    |it| String::from_utf8_lossy(&it).trim().to_owned(),
                )
            };
            let signer = match read("key.pub") {
                Some(pem) => Signer::Key(String::from_utf8_lossy(&pem).into_owned()),
                None => Signer::Identity {
                    identity: text("identity", IDENTITY),
                    issuer: text("issuer", ISSUER),
                },
            };
            let artifact = match read("artifact") {
                Some(artifact) => artifact,
                None => {
                    fs::read(cases.join("a.txt")).or_else(|_| fs::read(assets.join("a.txt")))?
                }
            };
            let root = read("trusted_root.json").unwrap_or_else(|| public.to_vec());
            self.add(
                Context::new(&name, root, artifact, signer),
                &[(name.clone(), bundle)],
            );
        }
        Ok(())
    }

    /// A directory with `trusted_root.json`, `artifact`, `bundles.jsonl`, and `identity` and `issuer` or
    /// `key.pub`.
    pub(crate) fn recorded(&mut self, directory: &Path) -> std::io::Result<()> {
        let read = |file: &str| fs::read(directory.join(file));
        let text =
            |file: &str| fs::read_to_string(directory.join(file)).map(|it| it.trim().to_owned());
        let signer = match fs::read_to_string(directory.join("key.pub")) {
            Ok(pem) => Signer::Key(pem),
            Err(_) => Signer::Identity {
                identity: text("identity")?,
                issuer: text("issuer")?,
            },
        };
        let name = directory
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let lines: Vec<(String, Vec<u8>)> = read("bundles.jsonl")?
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .enumerate()
            .map(|(index, line)| (format!("{name} {}", index + 1), line.to_vec()))
            .collect();
        self.add(
            Context::new(&name, read("trusted_root.json")?, read("artifact")?, signer),
            &lines,
        );
        Ok(())
    }
}

const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";
