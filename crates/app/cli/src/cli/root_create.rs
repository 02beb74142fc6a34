//! Arguments of `sealwright root create` and `root signing-config create`: services as lists of
//! `key=value`, the way cosign takes them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use sealwright::AuthorityPart;
use sealwright::LogPart;
use sealwright::Selection;
use sealwright::SigningService;
use sealwright::Validity;
use sealwright_core::Timestamp;

#[derive(Args, Debug)]
pub(crate) struct RootCreateArgs {
    /// A certificate authority: url=URL,certificate-chain=FILE[,start-time=T][,end-time=T], or
    /// URL=FILE[,…]; may be repeated.
    #[arg(long, value_name = "SERVICE", value_parser = authority)]
    pub(crate) fulcio: Vec<AuthorityPart>,

    /// A log of signatures: url=URL,public-key=FILE,start-time=T[,end-time=T][,origin=NAME], or
    /// URL=FILE,start-time=T[,…]; may be repeated. Version 2 needs the origin.
    #[arg(long, value_name = "SERVICE", value_parser = log)]
    pub(crate) rekor: Vec<LogPart>,

    /// A certificate log, as --rekor; may be repeated.
    #[arg(long, value_name = "SERVICE", value_parser = log)]
    pub(crate) ctfe: Vec<LogPart>,

    /// A timestamp authority, as --fulcio, the signing certificate first; may be repeated.
    #[arg(long, value_name = "SERVICE", value_parser = authority)]
    pub(crate) tsa: Vec<AuthorityPart>,

    /// Begin with the services of the public-good instance, or of --profile.
    #[arg(long)]
    pub(crate) with_default_services: bool,

    /// Of those, leave the certificate authorities out.
    #[arg(long, requires = "with_default_services")]
    pub(crate) no_default_fulcio: bool,

    /// Of those, leave the logs of signatures out.
    #[arg(long, requires = "with_default_services")]
    pub(crate) no_default_rekor: bool,

    /// Of those, leave the certificate logs out.
    #[arg(long, requires = "with_default_services")]
    pub(crate) no_default_ctfe: bool,

    /// Of those, leave the timestamp authorities out.
    #[arg(long, requires = "with_default_services")]
    pub(crate) no_default_tsa: bool,

    /// The file to write; standard output by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SigningConfigCommand {
    /// Make a signing configuration of its parts.
    #[command(after_help = "\
Examples:
  sealwright root signing-config create \\
      --fulcio url=https://fulcio.corp.example,api-version=1,start-time=2026-01-01T00:00:00Z,operator=corp \\
      --oidc-provider url=https://oidc.corp.example,api-version=1,start-time=2026-01-01T00:00:00Z,operator=corp \\
      --rekor url=https://rekor.corp.example,api-version=2,start-time=2026-01-01T00:00:00Z,operator=corp \\
      --rekor-config ANY --out signing_config.json
  sealwright root signing-config create --with-default-services --no-default-rekor")]
    Create(Box<SigningConfigArgs>),
}

#[derive(Args, Debug)]
pub(crate) struct SigningConfigArgs {
    /// A certificate authority: url=URL,api-version=N,start-time=T,operator=NAME[,end-time=T]; may be
    /// repeated. Services of a kind replace those that the configuration begins with.
    #[arg(long, value_name = "SERVICE", value_parser = signing_service)]
    pub(crate) fulcio: Vec<SigningService>,

    /// An issuer of identity tokens, likewise.
    #[arg(long, value_name = "SERVICE", value_parser = signing_service)]
    pub(crate) oidc_provider: Vec<SigningService>,

    /// A log, likewise.
    #[arg(long, value_name = "SERVICE", value_parser = signing_service, requires = "rekor_config")]
    pub(crate) rekor: Vec<SigningService>,

    /// How many logs are used: ANY, ALL or EXACT:N.
    #[arg(long, value_name = "SELECTION", value_parser = selection)]
    pub(crate) rekor_config: Option<Selection>,

    /// A timestamp authority, likewise.
    #[arg(long, value_name = "SERVICE", value_parser = signing_service, requires = "tsa_config")]
    pub(crate) tsa: Vec<SigningService>,

    /// How many timestamp authorities are used: ANY, ALL or EXACT:N.
    #[arg(long, value_name = "SELECTION", value_parser = selection)]
    pub(crate) tsa_config: Option<Selection>,

    /// Begin with the services of the public-good instance, or of --profile.
    #[arg(long)]
    pub(crate) with_default_services: bool,

    /// Begin with a signing configuration.
    #[arg(long, value_name = "FILE", conflicts_with = "with_default_services")]
    pub(crate) base_config: Option<PathBuf>,

    /// Leave out the certificate authorities that it begins with.
    #[arg(long)]
    pub(crate) no_default_fulcio: bool,

    /// Leave out the logs that it begins with.
    #[arg(long)]
    pub(crate) no_default_rekor: bool,

    /// Leave out the token issuers that it begins with.
    #[arg(long)]
    pub(crate) no_default_oidc: bool,

    /// Leave out the timestamp authorities that it begins with.
    #[arg(long)]
    pub(crate) no_default_tsa: bool,

    /// The file to write; standard output by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// What a list of `key=value` says, each key once and none that is not known.
struct Pairs(BTreeMap<String, String>);

impl Pairs {
    /// Reads a list. Where the first key is a URL, its value is that of `file`.
    fn read(text: &str, file: &str, known: &[&str]) -> Result<Self, String> {
        let mut pairs = BTreeMap::new();
        for pair in text.split(',') {
            let wanted = || format!("{pair:?} is no KEY=VALUE");
            let (key, value) = match pair.find("://") {
                // A URL may hold `=` in its query, and a file's name after it.
                Some(scheme) if !pair.get(..scheme).is_some_and(|it| it.contains('=')) => {
                    let (url, path) = pair.rsplit_once('=').ok_or_else(wanted)?;
                    pairs.insert("url".to_owned(), url.trim().to_owned());
                    (file, path)
                }
                _ => pair.split_once('=').ok_or_else(wanted)?,
            };
            let (key, value) = (key.trim(), value.trim());
            if key.is_empty() || !known.contains(&key) {
                return Err(format!("{key:?} is none of {}", known.join(", ")));
            }
            if pairs.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(format!("{key} is given twice"));
            }
        }
        Ok(Self(pairs))
    }

    fn wanted(&self, key: &str) -> Result<String, String> {
        let value = self.0.get(key).filter(|value| !value.is_empty());
        value.cloned().ok_or_else(|| format!("{key} is missing"))
    }

    fn validity(&self) -> Result<Validity, String> {
        let time = |key: &str| -> Result<Option<Timestamp>, String> {
            let text = self.0.get(key).filter(|value| !value.is_empty());
            let read = |text: &String| text.parse().map_err(|error| format!("{key}: {error}"));
            text.map(read).transpose()
        };
        let validity = Validity {
            start: time("start-time")?,
            end: time("end-time")?,
        };
        match (validity.start, validity.end) {
            (Some(start), Some(end)) if end < start => Err("it ends before it starts".to_owned()),
            _ => Ok(validity),
        }
    }
}

fn authority(text: &str) -> Result<AuthorityPart, String> {
    const FILE: &str = "certificate-chain";
    let pairs = Pairs::read(text, FILE, &["url", FILE, "start-time", "end-time"])?;
    Ok(AuthorityPart {
        url: pairs.wanted("url")?,
        certificate_chain: pairs.wanted(FILE)?.into(),
        valid_for: pairs.validity()?,
    })
}

fn log(text: &str) -> Result<LogPart, String> {
    const FILE: &str = "public-key";
    let known = ["url", FILE, "start-time", "end-time", "origin"];
    let pairs = Pairs::read(text, FILE, &known)?;
    pairs.wanted("start-time")?;
    Ok(LogPart {
        url: pairs.wanted("url")?,
        public_key: pairs.wanted(FILE)?.into(),
        valid_for: pairs.validity()?,
        origin: pairs.0.get("origin").cloned(),
    })
}

fn signing_service(text: &str) -> Result<SigningService, String> {
    let known = ["url", "api-version", "start-time", "end-time", "operator"];
    let pairs = Pairs::read(text, "", &known)?;
    pairs.wanted("start-time")?;
    let version = pairs.wanted("api-version")?;
    Ok(SigningService {
        url: pairs.wanted("url")?,
        major_api_version: version
            .parse()
            .map_err(|_| format!("api-version is {version:?}, wanted a number"))?,
        valid_for: pairs.validity()?,
        operator: pairs.wanted("operator")?,
    })
}

fn selection(text: &str) -> Result<Selection, String> {
    match text.split_once(':') {
        None if text == "ANY" => Ok(Selection::Any),
        None if text == "ALL" => Ok(Selection::All),
        Some(("EXACT", count)) => count
            .parse()
            .map(Selection::Exact)
            .map_err(|_| format!("{count:?} is no number above 0")),
        _ => Err("wanted ANY, ALL or EXACT:N".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_in_either_form() {
        let long =
            log("url=https://r?a=b,public-key=r.pem,start-time=2024-01-01T00:00:00Z").unwrap();
        let short = log("https://r?a=b=r.pem,start-time=2024-01-01T00:00:00Z,origin=r").unwrap();
        assert_eq!(
            (&long.url, &long.public_key),
            (&short.url, &short.public_key)
        );
        assert_eq!(long.valid_for, short.valid_for);
        assert_eq!(short.origin.as_deref(), Some("r"));
        let part = authority("https://f=chain.pem").unwrap();
        assert_eq!(part.certificate_chain, PathBuf::from("chain.pem"));
        assert_eq!(
            selection("EXACT:2").unwrap(),
            Selection::Exact(2.try_into().unwrap())
        );
    }

    #[test]
    fn what_is_no_service_is_refused() {
        for text in [
            "",
            "chain.pem",
            "url=https://f",
            "certificate-chain=f.pem",
            "url=https://f,url=https://f,certificate-chain=f.pem",
            "url=https://f,certificate-chain=f.pem,public-key=x",
            "url=https://f,certificate-chain=f.pem,start-time=yesterday",
            "url=https://f,certificate-chain=f.pem,start-time=2025-01-01T00:00:00Z,end-time=2024-01-01T00:00:00Z",
        ] {
            assert!(authority(text).is_err(), "{text}");
        }
        assert!(log("url=https://r,public-key=r.pem").is_err());
        assert!(
            signing_service(
                "url=https://r,api-version=x,start-time=2024-01-01T00:00:00Z,operator=o"
            )
            .is_err()
        );
        for text in ["any", "EXACT", "EXACT:0", "EXACT:-1", "ALL:1"] {
            assert!(selection(text).is_err(), "{text}");
        }
    }
}
